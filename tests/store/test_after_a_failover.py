"""A PostgreSQL server that goes away, comes back as something else, or does not answer to COMMIT."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, make_url, text
from sqlalchemy.exc import InternalError

from bot.store.engine.database import Database
from bot.store.engine.driver_errors import spoils_connection, translated
from bot.store.engine.statements import insert_new
from bot.store.errors import CommitUnknownError, DatabaseDamagedError, DatabaseUnavailableError
from bot.store.proof import writable
from bot.store.schema import leases
from tests.store.databases import answers
from tests.store.postgres import PostgresServer
from tests.store.rows import NOW, add_lease, lease_names


@pytest.fixture
def url(postgres: PostgresServer, postgres_template: str) -> Iterator[str]:
    """A PostgreSQL database with the current schema."""
    name = postgres.create(postgres_template)
    yield postgres.url(name)
    postgres.drop(name)


def _read_only_from_now_on(connection: Connection) -> None:
    connection.exec_driver_sql("SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY")


async def test_sessions_that_may_not_write_any_more(url: str) -> None:
    """A failover that leaves every open session read-only is not noticed by who asks for something."""
    async with Database(url, begin_within=30, connections=2) as database:
        for _ in range(2):
            await database.write(_read_only_from_now_on)
        await database.write(add_lease, "a")
        assert await database.read(lease_names) == ["a"]
        assert await writable(database)


async def test_a_server_that_may_not_write(postgres: PostgresServer, url: str) -> None:
    """While no session may write readiness says so; once one may, it says that."""
    async with Database(url, begin_within=30) as database:
        name = make_url(url).database or ""
        postgres.let_write(name, allowed=False)
        await database.write(_read_only_from_now_on)
        assert not await writable(database)
        assert await answers(database)
        with pytest.raises(DatabaseUnavailableError, match="read-only"):
            await database.write(add_lease, "a")
        postgres.let_write(name, allowed=True)
        assert await writable(database)


async def test_a_session_that_is_cut_off_once(postgres: PostgresServer, url: str) -> None:
    """A session that is cut off before COMMIT is replaced, and the same is done on a new one."""
    tries: list[int] = []

    def lose_once(connection: Connection) -> None:
        add_lease(connection, f"try {len(tries)}")
        tries.append(connection.scalar(text("SELECT pg_backend_pid()")) or 0)
        if len(tries) == 1:
            postgres.end_connection(tries[0])
        add_lease(connection, "b")

    async with Database(url, begin_within=30) as database:
        await database.write(lose_once)
        assert await database.read(lease_names) == ["b", "try 1"]


def _take(connection: Connection, postgres: PostgresServer, cuts: list[str]) -> bool:
    """Take a row down by its key; the session is cut off at COMMIT, once for each of `cuts`."""
    new = insert_new(connection, leases, {"name": "a", "holder": "h", "fence": 0, "until": NOW})
    if cuts and cuts.pop() == "after it was carried out":
        connection.connection.commit()
        _cut_off(connection, postgres)
    elif cuts:
        _cut_off(connection, postgres)
    return new


def _cut_off(connection: Connection, postgres: PostgresServer) -> None:
    postgres.end_connection(connection.scalar(text("SELECT pg_backend_pid()")) or 0)


@pytest.mark.parametrize("when", ["before it was carried out", "after it was carried out"])
async def test_an_answer_to_commit_that_is_lost_once(postgres: PostgresServer, url: str, when: str) -> None:
    """What has a key of its own is stored once, whether or not that COMMIT was carried out."""
    async with Database(url, begin_within=30) as database:
        new = await database.write(_take, postgres, ["", when], repeatable=True)
        assert new is (when == "before it was carried out")
        assert await database.read(lease_names) == ["a"]


async def test_an_answer_to_commit_that_stays_lost(postgres: PostgresServer, url: str) -> None:
    """While nobody can say whether it was stored, that is what is said: never that nothing was done."""
    async with Database(url, begin_within=30) as database:
        with pytest.raises(CommitUnknownError):
            await database.write(_take, postgres, ["", "", "", "", ""], repeatable=True)


async def test_reading_is_never_in_doubt(postgres: PostgresServer, url: str) -> None:
    """A read whose session is cut off at its end is read again."""
    left = [1]

    def look(connection: Connection) -> int:
        if left:
            left.pop()
            _cut_off(connection, postgres)
        return 7

    async with Database(url, begin_within=30) as database:
        assert await database.read(look) == 7


class SaidError(Exception):
    """An error as PostgreSQL's driver raises it."""

    def __init__(self, sqlstate: str) -> None:
        super().__init__(f"it said {sqlstate}")
        self.sqlstate = sqlstate


@pytest.mark.parametrize(
    "state",
    [
        "08000",
        "08006",
        "08P01",
        "25006",
        "53100",
        "53300",
        "57P01",
        "57P02",
        "57P03",
        "58030",
        "XX000",
        "XX001",
    ],
)
def test_what_is_no_fault_of_the_statement(state: str) -> None:
    """Whatever the server or the way to it does is a failure of the store, and ends the session."""
    assert spoils_connection(SaidError(state), writes=True)
    assert isinstance(translated(InternalError("SELECT 1", {}, SaidError(state))), DatabaseUnavailableError)


@pytest.mark.parametrize("state", ["40001", "40P01", "55P03", "57014", "23505", "22003", "42601", "42501"])
def test_what_is_no_fault_of_the_session(state: str) -> None:
    """A lock, a time-out or a row that is refused costs nobody the session."""
    assert not spoils_connection(SaidError(state), writes=True)


def test_a_reader_that_writes_is_no_failover() -> None:
    """A session that is there to read says with every right that it cannot write."""
    assert not spoils_connection(SaidError("25006"), writes=False)


def test_damage_is_told_from_absence() -> None:
    """Rows that cannot be read are not taken for a server that is away."""
    found = translated(InternalError("SELECT 1", {}, SaidError("XX001")))
    assert isinstance(found, DatabaseDamagedError)


def _durability(connection: Connection) -> str:
    return str(connection.scalar(text("SHOW synchronous_commit")))


@pytest.mark.parametrize(
    ("server", "bot"),
    [("off", "on"), ("local", "on"), ("remote_write", "on"), ("on", "on"), ("remote_apply", "remote_apply")],
)
async def test_a_server_that_promises_too_early(
    postgres: PostgresServer, url: str, server: str, bot: str
) -> None:
    """What was reported as stored outlives a crash, whatever the server is set to."""
    name = make_url(url).database or ""
    with postgres.client(name) as beside:
        beside.execute(f"ALTER DATABASE {name} SET synchronous_commit = {server}")
    async with Database(url, begin_within=30, connections=2) as database:
        assert await database.write(_durability) == bot
        assert await database.write_alone(_durability) == bot
