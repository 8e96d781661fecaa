"""`workflow-bot check` with one thing broken at a time: that thing is named, and nothing else."""

import json
import os
import socket
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from bot.check import check_as_json
from bot.cli import main
from bot.clock import Clock
from bot.demo.clock import ManualClock
from bot.demo.house import House
from bot.demo.slack.faults import Fault
from bot.diagnostics import ports, sample_cards
from bot.proxies import Route
from bot.settings import Settings, read_settings
from tests.log_setup import log_setup_kept
from tests.serve import serve
from tests.slack.test_check import WrongClock, a_free_port
from tests.store.databases import new_file
from tests.store.postgres import PostgresServer
from tests.store.rows import NOW

POLICY = """
[approvals]
approvers = ["U0BEN", "U0ANA", "S0DBAS"]
[[database]]
match = "shop"
channel = "C0DBMOVES"
notify = ["U0CHIOMA"]
[[organization]]
name = "acme-eu"
token_id = "EU_TOKEN_ID"
token = "EU_TOKEN"
"""
SECRETS = ("xoxb-", "xapp-1-", "eu-secret", "hunter2", "8f742231b10e")


@dataclass
class Place:
    """A bot that is set up well, of which one thing is then broken."""

    folder: Path
    house: House
    url: str
    given: dict[str, str]
    machine: Clock | None = None
    route: Route | None = None
    taken: list[socket.socket] = field(default_factory=list)

    @property
    def settings(self) -> Settings:
        moved = self.house.move_in(self.url, socket_mode=True)
        secrets = {
            "SLACK_BOT_TOKEN": moved.slack_bot_token.get_secret_value(),
            "SLACK_APP_TOKEN": (moved.slack_app_token or moved.slack_bot_token).get_secret_value(),
            "SLACK_API_URL": moved.slack_api_url,
            "PLANETSCALE_SERVICE_TOKEN_ID": moved.planetscale_token_id.get_secret_value(),
            "PLANETSCALE_SERVICE_TOKEN": moved.planetscale_token.get_secret_value(),
            "PLANETSCALE_ORG": moved.planetscale_org,
            "PLANETSCALE_API_URL": moved.planetscale_api_url,
        }
        return read_settings(secrets | self.given, self.folder / ".env")

    def occupy(self, setting: str) -> None:
        """Let another program have a port."""
        other = socket.create_server(("", int(self.given[setting])))
        self.taken.append(other)


@asynccontextmanager
async def a_place(folder: Path) -> AsyncIterator[Place]:
    house = House(ManualClock(), others={"acme-eu": "eu-id:eu-secret"})
    house.planetscale.add_workflow("shop", 3, "running")
    (folder / "policy.toml").write_text(POLICY, encoding="utf-8")
    (folder / ".env").write_text("WORKFLOW_BOT_CHANNEL=C0RANDOM\n", encoding="utf-8")
    new_file(folder)
    for file in _files(folder):
        file.chmod(0o600)
    given = {
        "EU_TOKEN_ID": "eu-id",
        "EU_TOKEN": "eu-secret",
        "PORT": a_free_port(),
        "WORKFLOW_BOT_METRICS_PORT": a_free_port(),
        "WORKFLOW_BOT_POLICY": str(folder / "policy.toml"),
        "WORKFLOW_BOT_DATABASES": "shop",
        "DATABASE_URL": f"sqlite:///{folder}/bot.sqlite3",
    }
    async with serve(house.app) as url:
        place = Place(folder, house, url, given)
        try:
            yield place
        finally:
            for one in place.taken:
                one.close()
            await house.close()


async def found(place: Place) -> tuple[int, dict[str, Any]]:
    """The exit code and the answer."""
    settings = place.settings
    if place.route:
        settings._route = place.route
    said: list[str] = []
    with log_setup_kept():
        code = await check_as_json(settings, said.append, place.machine)
    return code, json.loads("".join(said))


def named(answer: Mapping[str, Any], status: str = "problem") -> list[str]:
    """What has that status, by its name."""
    return [
        f"{one['check']}: {one['about'] or ''}{one['text']}"
        for one in answer["checks"]
        if one["status"] == status
    ]


Break = Callable[[Place], None]


def mode(name: str, wanted: int) -> Break:
    return lambda place: (place.folder / name).chmod(wanted)


def setting(**values: str) -> Break:
    return lambda place: place.given.update(values)


def refused(error: str) -> Break:
    def broken(place: Place) -> None:
        place.house.slack.token_refused = error

    return broken


def fault(method: str, error: str, about: str | None = None) -> Break:
    return lambda place: place.house.slack.faults.add(
        Fault(method=method, how="error", error=error, times=None, about=about)
    )


def unreadable(on: str) -> Break:
    def broken(place: Place) -> None:
        place.house.planetscale.trouble("not-found", on=on, times=None)

    return broken


def left(user: str) -> Break:
    def broken(place: Place) -> None:
        people = place.house.slack.people
        people[user] = replace(people[user], deleted=True)

    return broken


def wrong_clock(place: Place) -> None:
    place.machine = WrongClock(900)


def dead_proxy(place: Place) -> None:
    place.route = Route(f"http://ana:hunter2@127.0.0.1:{a_free_port()}", "HTTPS_PROXY")


def newer(place: Place) -> None:
    with closing(sqlite3.connect(place.folder / "bot.sqlite3")) as file, file:
        file.execute("UPDATE alembic_version SET version_num = '9999'")


BROKEN: dict[str, tuple[Break, str, str]] = {
    "the .env file is open": (mode(".env", 0o644), "Files: ", "chmod 600"),
    "the database is open": (mode("bot.sqlite3", 0o640), "Files: ", "chmod 600"),
    "others can change the policy": (mode("policy.toml", 0o666), "Files: ", "chmod go-w"),
    "the database is away": (
        setting(DATABASE_URL="postgres://ana:hunter2@127.0.0.1:1/x"),
        "Database: ",
        "Check DATABASE_URL",
    ),
    "the database is newer": (newer, "Database: ", "run that version"),
    "the port is taken": (lambda place: place.occupy("PORT"), "Ports: PORT", "Stop it, or set PORT"),
    "the port of the figures is taken": (
        lambda place: place.occupy("WORKFLOW_BOT_METRICS_PORT"),
        "Ports: WORKFLOW_BOT_METRICS_PORT",
        "Stop it, or set WORKFLOW_BOT_METRICS_PORT",
    ),
    "the proxy is away": (dead_proxy, "Proxy: ", "Mend HTTPS_PROXY"),
    "the bot's token is wrong": (setting(SLACK_BOT_TOKEN="xoxb-1-wrong"), "Slack: ", "invalid_auth"),
    "the bot's token was revoked": (refused("token_revoked"), "Slack: ", "token_revoked. Install the app"),
    "the bot's token was rotated": (refused("token_expired"), "Slack: ", "token_expired. Install the app"),
    "the app was removed": (refused("account_inactive"), "Slack: ", "account_inactive. Install the app"),
    "the app token is wrong": (setting(SLACK_APP_TOKEN="xapp-1-wrong"), "Slack: ", "SLACK_APP_TOKEN"),
    "the app token was revoked": (
        fault("apps.connections.open", "token_revoked"),
        "Slack: ",
        "SLACK_APP_TOKEN is not usable: Slack answered token_revoked",
    ),
    "an approver has left": (left("U0BEN"), "Policy: U0BEN", "Mend the policy file"),
    "whoever is called has left": (left("U0CHIOMA"), "Policy: U0CHIOMA", "Mend the policy file"),
    "a group is gone": (
        fault("usergroups.users.list", "no_such_subteam"),
        "Policy: S0DBAS",
        "Mend the policy file",
    ),
    "the channel is gone": (
        fault("conversations.info", "channel_not_found", "C0DBMOVES"),
        "Policy: C0DBMOVES",
        "Invite it there",
    ),
    "the default channel is gone": (setting(WORKFLOW_BOT_CHANNEL="C0OLD"), "Policy: C0OLD", "archived"),
    "Slack takes no cards": (fault("blocks.validate", "invalid_view"), "Cards: ", "Update the bot"),
    "the clock is off": (wrong_clock, "Clock: ", "set it (NTP)"),
    "PlanetScale's token was revoked": (
        setting(PLANETSCALE_SERVICE_TOKEN="pscale_tkn_old"),
        "PlanetScale: ",
        "Check PLANETSCALE_SERVICE_TOKEN_ID and",
    ),
    "the other organization's token was revoked": (
        setting(EU_TOKEN="pscale_tkn_old"),
        "PlanetScale: organization acme-eu",
        "does not accept",
    ),
    "an access is missing": (unreadable("schema"), "PlanetScale: ", "schemas of shop"),
    "a database cannot be seen": (setting(WORKFLOW_BOT_DATABASES="shop,lost"), "PlanetScale: ", "lost"),
}
SEVERAL = {"Slack takes no cards"}
"""Each sample is a line of its own."""


@pytest.mark.parametrize("what", BROKEN)
async def test_exactly_that_thing_is_named(
    what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever one thing is broken: a line names it and says what to do, no other line complains, the exit
    code is 1, and no secret is printed.
    """
    some = list(sample_cards.samples(NOW))[-2:]  # all of them are offered below
    monkeypatch.setattr(sample_cards, "samples", lambda _: iter(some))
    monkeypatch.setattr(ports, "_SECONDS", 0.05)
    breaks, where, todo = BROKEN[what]
    async with a_place(tmp_path) as place:
        breaks(place)
        code, answer = await found(place)
    problems = named(answer)
    assert code == 1
    assert answer["ok"] is False
    assert problems, answer
    assert len(problems) == 1 or what in SEVERAL, problems
    assert all(one.startswith(where) and todo in one for one in problems), problems
    assert not [one for one in SECRETS if one in json.dumps(answer)]


async def test_nothing_is_broken(tmp_path: Path) -> None:
    """A bot that is set up well gets 0, a line for each thing, and nothing anywhere was changed."""
    async with a_place(tmp_path) as place:
        before = {file.name: file.read_bytes() for file in _files(tmp_path)}
        code, answer = await found(place)
        assert (code, answer["ok"], named(answer), named(answer, "warning")) == (0, True, [], [])
        assert named(answer, "not tried") == []
        tried = [one["check"] for one in answer["checks"]]
        assert set(tried) == {
            *("Settings", "Files", "Database", "Ports", "Slack", "Policy", "Cards", "Clock", "PlanetScale")
        }
        assert {file.name: file.read_bytes() for file in _files(tmp_path)} == before
        methods = {call.method for call in place.house.slack.calls}
        assert not {one for one in methods if one.startswith(("chat.", "views.", "files."))}
        assert {request.method for request in place.house.planetscale.requests} == {"GET"}


async def test_tokens_in_the_clear(tmp_path: Path) -> None:
    """An address without TLS that is not on the machine itself is named: tokens can be read there."""
    async with a_place(tmp_path) as place:
        place.given["SLACK_API_URL"] = "http://slack.invalid/api/"
        _, answer = await found(place)
    (said,) = named(answer, "warning")
    assert said.startswith("Settings: SLACK_API_URL begins with http")


def _files(folder: Path) -> Iterator[Path]:
    return folder.iterdir()


@pytest.mark.parametrize("error", ["unknown_method", "ratelimited", "not_allowed_token_type"])
async def test_a_slack_without_the_method(error: str, tmp_path: Path) -> None:
    """Where Slack does not say whether it takes a card, that is said, and it is no fault of the bot's."""
    async with a_place(tmp_path) as place:
        fault("blocks.validate", error)(place)
        code, answer = await found(place)
    assert (code, named(answer)) == (0, [])
    assert len(named(answer, "not tried")) == 1


def test_settings_that_are_not_complete(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without its settings nothing else can be tried: `--json` says so as well, and the exit code is 2."""
    monkeypatch.chdir(tmp_path)
    for name in [one for one in os.environ if one.startswith(("SLACK_", "PLANETSCALE_"))]:
        monkeypatch.delenv(name)
    assert main(["check", "--json"]) == 2
    answer = json.loads(capsys.readouterr().out)
    assert answer["ok"] is False
    assert {one["check"] for one in answer["checks"]} == {"Settings"}
    assert any("SLACK_BOT_TOKEN is missing" in one["text"] for one in answer["checks"])


async def test_a_database_that_takes_nothing(
    tmp_path: Path, postgres: PostgresServer, postgres_template: str
) -> None:
    """A standby, or a user who may only read, is found before the first command is."""
    name = postgres.create(postgres_template)
    async with a_place(tmp_path) as place:
        place.given["DATABASE_URL"] = postgres.url(name)
        assert named((await found(place))[1]) == []
        postgres.let_write(name, allowed=False)
        (problem,) = named((await found(place))[1])
    assert problem.startswith("Database: ")
    assert "read-only" in problem
