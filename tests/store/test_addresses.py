"""`DATABASE_URL`: what is taken, what is refused, and that no part of a password is ever said."""

import contextlib

import pytest

from bot.store.engine.address import parse_address, secrets_of
from bot.store.engine.database import Database
from bot.store.errors import DatabaseAddressError, StoreError


@pytest.mark.parametrize(
    "password",
    [
        "hunter2@S3CRET",
        "S3@CRET@",
        "@S3CRET",
        "S3@/CRET",
        "S3@CRET/x",
        "S3@CRET?x=1",
        "S3@a:CRET",
        "S3@CRET#1",
        "S3?CRET=1",
        "S3/CRET",
        "S3:CRET",
        "S3%CRET",
        "S3 CRET",
        "S3[CRET]",
        "S3&CRET",
        "S3@CRET@a?b=c@d",
    ],
)
@pytest.mark.parametrize("rest", ["127.0.0.1:1/bot", "127.0.0.1:1/bot?sslmode=require", "127.0.0.1:1"])
async def test_no_part_of_a_password_is_said(password: str, rest: str) -> None:
    """Whatever signs a password has, typed as they are: nothing of it comes up in a message."""
    url = f"postgres://ana:{password}@{rest}"
    with contextlib.suppress(DatabaseAddressError):
        assert parse_address(url).host == "127.0.0.1"
    said = ""
    try:
        async with Database(url, begin_within=30) as database:
            await database.read(lambda _: None)
    except StoreError as error:
        said = f"{error!r} {error.__cause__!r}"
    assert said
    assert "S3" not in said
    assert "CRET" not in said


def test_an_at_sign_is_named() -> None:
    """Who typed a password with an @ reads how to write it."""
    with pytest.raises(DatabaseAddressError, match="write one that belongs to the password as %40"):
        parse_address("postgres://ana:p@ss@db.example/bot")


def test_a_user_of_a_server() -> None:
    """A user name with an @, as some hosts give them, is taken."""
    address = parse_address("postgres://ana@server:secret@db.example/bot")
    assert (address.username, address.password, address.host) == ("ana@server", "secret", "db.example")


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("pgbouncer=true", "PostgreSQL knows no option pgbouncer;"),
        ("pgbouncer=true&connection_limit=1", "PostgreSQL knows no option connection_limit, pgbouncer;"),
        ("sslmode=require&pgbouncer=true", "PostgreSQL knows no option pgbouncer;"),
        ("S3CRET=1", "an option after the ? is none of PostgreSQL's;"),
        ("pgbouncer=true&S3CRET=1", "an option after the ? is none of PostgreSQL's;"),
    ],
)
def test_options_of_other_programs(query: str, said: str) -> None:
    """An option that hosts of pooled PostgreSQL add is named, with what to do; an unknown one is not."""
    with pytest.raises(DatabaseAddressError) as caught:
        parse_address(f"postgresql://u:p@db.example/bot?{query}")
    assert str(caught.value).startswith(said)
    assert "S3CRET" not in str(caught.value)


@pytest.mark.parametrize(
    "query",
    [
        "sslmode=verify-full&sslrootcert=/ca.pem",
        "host=/run&port=6432",
        "target_session_attrs=read-write",
        "options=-c",
    ],
)
def test_options_of_postgresql(query: str) -> None:
    """Whatever PostgreSQL's client library knows is handed on."""
    assert parse_address(f"postgresql://u:p@db.example/bot?{query}").query


def test_every_form_of_a_password_is_known() -> None:
    """As it was typed, and as the driver has it; not what is too short to be told from other words."""
    assert set(secrets_of("postgres://ana:p%40ss%2Fword@h/bot")) >= {
        "p%40ss%2Fword",
        "p@ss/word",
        "p%40ss/word",
    }
    assert "b word" in secrets_of("postgres://ana@h/bot?password=b+word")
    assert secrets_of("postgres://bot:bot@h/bot") == ()
    assert secrets_of("postgres://h/bot") == ()
    assert secrets_of("sqlite:///bot.sqlite3") == ()
