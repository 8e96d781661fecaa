"""What `workflow-bot check` says before anybody types a command."""

import logging
import random
import socket
import sqlite3
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, closing, suppress
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import structlog
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route

from bot.check import check
from bot.clock import Clock, SystemClock
from bot.demo.clock import ManualClock
from bot.demo.house import House
from bot.settings import Settings
from bot.slack.manifest import SCOPES
from bot.upkeep import migrate_database
from tests.serve import serve


@pytest.fixture(autouse=True)
def _logs_as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    structlog.reset_defaults()
    root.handlers[:] = handlers
    root.setLevel(level)


@asynccontextmanager
async def a_house(
    given: Mapping[str, str] | None = None, *, socket_mode: bool = False, scopes: str | None = None
) -> AsyncIterator[tuple[House, Settings]]:
    """The stand-ins, with a Slack that names the token's scopes where `scopes` says so."""
    house = House(ManualClock())

    async def auth_test(_: Request) -> Response:
        home = {"ok": True, "team_id": "T0ACME", "user_id": "U0WFBOT", "url": "https://acme.slack.com/"}
        return JSONResponse(home, headers={"X-OAuth-Scopes": scopes} if scopes else {})

    named = [Route("/chat/api/auth.test", auth_test, methods=["POST"])] if scopes is not None else []
    async with serve(Starlette(routes=[*named, Mount("/", app=house.app)])) as url:
        try:
            yield (
                house,
                house.move_in(url, socket_mode=socket_mode, **{"PORT": a_free_port(), **(given or {})}),
            )
        finally:
            await house.close()


def a_free_port() -> str:
    """One that no connection of another test is given by the system meanwhile: those begin at 32768."""
    while True:
        port = random.SystemRandom().randrange(20_000, 32_000)
        with closing(socket.socket()) as one, suppress(OSError):
            one.bind(("", port))
            return str(port)


async def said(house: House, settings: Settings, machine: Clock | None = None) -> tuple[int, list[str]]:
    """The exit code, and what is told, without the word of what it means at the beginning."""
    house.planetscale.add_workflow("shop", 3, "running")
    lines: list[str] = []
    code = await check(settings, lines.append, machine)
    assert code == any(line.startswith("PROBLEM ") for line in lines)
    return code, [line[10:] for line in lines]


@pytest.mark.parametrize("socket_mode", [False, True])
async def test_all_is_well(socket_mode: bool, capsys: pytest.CaptureFixture[str]) -> None:
    """Good settings get a line for each thing, nothing else is printed, and the exit code is 0."""
    async with a_house(socket_mode=socket_mode) as (house, settings):
        code, lines = await said(house, settings)
    assert code == 0
    expected = ["Settings", "Database", "Ports, PORT", *["Slack"] * (1 + socket_mode)]
    assert [line.split(":")[0] for line in lines] == [*expected, "Cards", "Clock", "PlanetScale"]
    logging.getLogger("slack_sdk").debug("a line that nobody wants")
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("trouble", "settings", "names"),
    [
        (None, {"PLANETSCALE_ORG": "elsewhere"}, "PLANETSCALE_ORG"),
        ("unauthorized", {}, "PLANETSCALE_SERVICE_TOKEN"),
        ("forbidden", {}, "PLANETSCALE_SERVICE_TOKEN"),
        ("redirect", {}, "PLANETSCALE_API_URL"),
        ("surprising", {}, "PLANETSCALE_API_URL"),
        (None, {"SLACK_BOT_TOKEN": "xoxb-1-wrong"}, "SLACK_BOT_TOKEN"),
    ],
)
async def test_what_is_wrong_is_named_by_its_setting(
    trouble: str | None, settings: dict[str, str], names: str
) -> None:
    """Whoever set something wrong reads which setting it was, and the exit code is 1."""
    async with a_house(settings) as (house, given):
        if trouble:
            house.planetscale.trouble(trouble, times=None)
        code, lines = await said(house, given)
    assert code == 1
    assert names in "\n".join(lines)


async def test_a_bad_app_token_has_its_own_cure() -> None:
    """Installing the app again does not give another app token: the line says where one is made."""
    async with a_house({"SLACK_APP_TOKEN": "xapp-1-wrong"}, socket_mode=True) as (house, settings):
        code, lines = await said(house, settings)
    [line] = [line for line in lines if "SLACK_APP_TOKEN" in line]
    assert code == 1
    assert "invalid_auth" in line
    assert "connections:write" in line
    assert "Install the app again" not in line


class WrongClock(SystemClock):
    """The machine's clock, set wrongly by so many seconds."""

    def __init__(self, ahead: float) -> None:
        self._ahead = timedelta(seconds=ahead)

    def now(self) -> datetime:
        return super().now() + self._ahead


@pytest.mark.parametrize(("ahead", "works"), [(400, False), (-400, False), (-3600, False), (20, True)])
async def test_the_clock_is_held_against_theirs(ahead: int, works: bool) -> None:
    """A clock that is minutes off, with which Slack's commands would be refused, is named in one line."""
    async with a_house() as (house, settings):
        code, lines = await said(house, settings, WrongClock(ahead))
    [line] = [line for line in lines if line.startswith("Clock: ")]
    assert (code == 0) == works
    assert ("ahead of" if ahead > 0 else "behind") in line
    found = [int(word.replace(",", "")) for word in line.split() if word.replace(",", "").isdigit()]
    assert all(abs(seconds - abs(ahead)) <= 5 for seconds in found)
    assert len(found) == 2
    assert line.endswith("set it (NTP).") != works


async def test_missing_scopes_are_named() -> None:
    """Where Slack says which scopes the token has, those that are missing are named."""
    given = ",".join(scope for scope in SCOPES if scope not in {"files:write", "im:write"})
    async with a_house(scopes=given) as (house, settings):
        code, lines = await said(house, settings)
    assert code == 1
    assert any("SLACK_BOT_TOKEN lacks files:write, im:write." in line for line in lines)
    async with a_house(scopes=", ".join(SCOPES)) as (house, settings):
        assert (await said(house, settings))[0] == 0


async def test_what_would_be_told_nowhere_is_named() -> None:
    """Databases to be looked through without a channel, or that the token does not see, are named."""
    async with a_house({"WORKFLOW_BOT_DATABASES": "shop,shopp"}) as (house, settings):
        code, lines = await said(house, settings)
    assert code == 1
    assert [line.split(".")[0] for line in lines if "told nowhere" in line] == [
        "Settings: what is found in shop is told nowhere",
        "Settings: what is found in shopp is told nowhere",
    ]
    assert lines[-1] == "PlanetScale: the token sees no database shopp in acme, which is to be watched."


@pytest.mark.parametrize(
    ("address", "line"),
    [
        (
            "sqlite:///{folder}/none.sqlite3",
            "there is none yet at {folder}/none.sqlite3 · workflow-bot run makes it",
        ),
        (
            "sqlite:///{folder}/no/none.sqlite3",
            "there is none yet at {folder}/no/none.sqlite3 · {folder}/no is no folder that can be written "
            "to. Check DATABASE_URL.",
        ),
        (
            "sqlite:///{folder}/other.txt",
            "the file is no SQLite database; move it away, or name another file. Check DATABASE_URL.",
        ),
        (
            "sqlite:///{folder}/new.sqlite3",
            "can be reached · not at the current schema yet: workflow-bot run brings it there",
        ),
        ("sqlite:///{folder}/current.sqlite3", "can be reached · at the current schema"),
        (
            "sqlite:///{folder}/newer.sqlite3",
            "the database has the schema of a newer version of the bot: run that version, or restore the "
            "copy that was made before it ran.",
        ),
        ("postgres://ana:secret@127.0.0.1:1/x", "cannot be used"),
        ("postgres://ana:secret@..bad../x", "Check DATABASE_URL."),
        (f"sqlite:///{{folder}}/{'x' * 300}", "Check DATABASE_URL."),
    ],
)
async def test_the_database_is_tried(address: str, line: str, tmp_path: Path) -> None:
    """Where the bot's rows are to be kept is looked at as well, and nothing is made or changed there."""
    (tmp_path / "other.txt").write_text("something else" * 100)
    (tmp_path / "new.sqlite3").touch(0o600)
    (tmp_path / "other.txt").chmod(0o600)
    for name in ("current", "newer"):
        assert await migrate_database(f"sqlite:///{tmp_path}/{name}.sqlite3", print, print) == 0
    with closing(sqlite3.connect(tmp_path / "newer.sqlite3")) as newer, newer:
        newer.execute("UPDATE alembic_version SET version_num = '9999'")
    before = _contents(tmp_path)
    async with a_house({"DATABASE_URL": address.format(folder=tmp_path)}) as (house, settings):
        code, lines = await said(house, settings)
    told = next(line for line in lines if line.startswith("Database: ")).removeprefix("Database: ")
    assert told == line.format(folder=tmp_path) or (
        line in {"cannot be used", "Check DATABASE_URL."} and line in told
    )
    assert "secret" not in told
    assert code == (1 if "DATABASE_URL" in told or "newer" in told else 0)
    assert _contents(tmp_path) == before


async def test_a_database_that_others_can_open_is_named(tmp_path: Path) -> None:
    """Where other users of the machine can read the database, it is said what closes it."""
    file = tmp_path / "bot.sqlite3"
    assert await migrate_database(f"sqlite:///{file}", print, print) == 0
    file.chmod(0o644)
    async with a_house({"DATABASE_URL": f"sqlite:///{file}"}) as (house, settings):
        code, lines = await said(house, settings)
    assert f"Files: Other users of this machine can open {file} (mode 644): chmod 600 {file}." in lines
    assert code == 1


def _contents(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir()}


@pytest.mark.parametrize(
    ("on", "named"),
    [
        ("list", "the token may not read workflows of shop"),
        ("branches", "the token may not read branches, keyspaces and schemas of shop"),
        ("keyspaces", "the token may not read keyspaces of shop"),
        ("schema", "the token may not read schemas of shop"),
        ("backups", "the token may not read backups of shop"),
    ],
)
async def test_a_missing_access_is_named(on: str, named: str) -> None:
    """A token that may not read something gets a 404 for it: `check` says what it is, and fails."""
    async with a_house({"WORKFLOW_BOT_DATABASES": "shop"}) as (house, given):
        house.planetscale.trouble("not-found", on=on, times=None)
        code, lines = await said(house, given)
    assert code == 1
    assert any(named in line for line in lines), lines


async def test_what_a_token_may_change_is_not_claimed() -> None:
    """`check` changes nothing, so it says that what the token may change is not known."""
    async with a_house({}) as (house, given):
        _, lines = await said(house, given)
    assert lines[-1].endswith("reads what it needs of shop · what it may change shows when it is asked to")
