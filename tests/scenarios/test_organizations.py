"""Two organizations behind one bot: each with its own token, its own databases and its own rules."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from bot.commands.model import Command, Start
from bot.commands.parser import parse
from bot.demo.planetscale.simulator import Simulator
from bot.demo.slack.model import Message
from bot.demo.slack.people import ANA, BEN, CHIOMA, GIL
from bot.settings import SettingsError
from tests.scenarios.conftest import A_DAY, MOVES, Stage, open_stage, waits_until
from tests.scenarios.restarting import restarted
from tests.scenarios.watched import first_lines

EU = "acme-eu"
EU_MOVES = "C0RANDOM"
TOKENS = {"ACME_EU_TOKEN_ID": "eu-id", "ACME_EU_TOKEN": "pscale_tkn_eu-secret"}
SECTION = f"""
[[organization]]
name = "{EU}"
token_id = "ACME_EU_TOKEN_ID"
token = "ACME_EU_TOKEN"
"""
REPLICAS = "switch-traffic shop 3 --replicas-only"


@asynccontextmanager
async def two(policy: str = SECTION, **settings: Any) -> AsyncIterator[Stage]:
    """A bot for acme and acme-eu; both have a shop #3 that is verified, and only acme-eu has a crm."""
    others = {EU: "eu-id:pscale_tkn_eu-secret"}
    async with open_stage(policy=policy, others=others, **TOKENS | settings) as stage:
        stage.planetscale.add_workflow("shop", 3, "verified_data", name="at-home")
        elsewhere(stage).add_workflow("shop", 3, "verified_data", name="in-europe")
        yield stage
        for simulator in (stage.planetscale, elsewhere(stage)):
            assert 401 not in {request.status for request in simulator.requests}


def elsewhere(stage: Stage) -> Simulator:
    """The other organization."""
    return stage.house.others[EU]


def changes(simulator: Simulator) -> list[str]:
    """What was asked of an organization that changes something."""
    return [request.operation for request in simulator.requests if request.method != "GET"]


def commands(message: Message) -> list[Command]:
    """Every command that a message names: as a text in code style, or on a button."""
    found: list[str] = []

    def look(value: Any) -> None:
        if isinstance(value, list | tuple):
            for one in value:
                look(one)
        elif isinstance(value, dict):
            code = (value.get("style") or {}) if isinstance(value.get("style"), dict) else {}
            texts = [value.get("value"), value.get("text") if code.get("code") else None]
            found.extend(text for text in texts if isinstance(text, str) and text.startswith("/workflow"))
            look(list(value.values()))

    look(message.all_blocks)
    parsed = [parse(text) for text in found]
    assert all(isinstance(one, Command) for one in parsed), found
    return [one for one in parsed if isinstance(one, Command) and not isinstance(one, Start)]


def everything(stage: Stage, channel: str = MOVES) -> list[Message]:
    """All messages of a channel, and what Ana alone was told."""
    return [*stage.slack.messages(channel), *stage.slack.ephemeral_for(ANA)]


async def test_a_question_is_asked_of_the_organization_that_it_names() -> None:
    """`--org` asks that organization with its own token, its absence the default one; the answer names it."""
    async with two() as stage:
        there = await stage.type(f"show shop 3 --org {EU}")
        here = await stage.type("show shop 3")
        assert "in-europe" in there
        assert f"Organization: {EU}" in there
        assert "at-home" in here
        assert "Organization: acme\n" in here + "\n"
        assert len(elsewhere(stage).requests) == len(stage.planetscale.requests)
        assert {one.status for one in elsewhere(stage).requests} == {200}


async def test_with_one_organization_nothing_is_said_about_it() -> None:
    """Where there is only one organization, answers do not name it, and commands need no flag."""
    async with open_stage() as stage:
        stage.planetscale.add_workflow("shop", 3, "verified_data")
        answer = await stage.type("show shop 3")
        assert "Organization" not in answer
        assert "--org" not in answer


async def test_an_organization_that_is_not_ours_is_not_asked() -> None:
    """An organization that the bot does not work for is refused at once, and the others are not named."""
    async with two() as stage:
        for line in ("list shop --org acme-us", f"{REPLICAS} --org=acme-us", "create --org acme-us"):
            answer = await stage.type(line, GIL)
            assert "This bot does not work for the organization acme-us." in answer
            assert EU not in answer
        assert not stage.planetscale.requests
        assert not elsewhere(stage).requests
        assert not stage.slack.messages(MOVES)


async def test_a_request_acts_where_it_was_asked_for() -> None:
    """A request with `--org` is checked, approved and sent there, the card says where, and nowhere else."""
    async with two() as stage:
        await stage.type(f"{REPLICAS} --org {EU}")
        assert f"{EU} / shop / main" in stage.read()
        assert "in-europe" in stage.read()
        await stage.press(BEN, "op_approve")
        await stage.pass_time(60, 5)
        assert changes(elsewhere(stage)) == ["switch-replicas"]
        assert not stage.planetscale.requests


async def test_pressing_a_button_of_a_card_acts_in_its_organization() -> None:
    """Reverse traffic on the card of another organization reverses there, and nowhere else."""
    async with two() as stage:
        await stage.type(f"{REPLICAS} --org {EU}")
        await stage.press(BEN, "op_approve")
        await stage.pass_time(60, 5)
        await stage.press(ANA, "op_next.reverse-traffic.switched_replicas", stage.first)
        await stage.pass_time(60, 5)
        assert changes(elsewhere(stage)) == ["switch-replicas", "reverse-traffic"]
        assert not stage.planetscale.requests


LINES = (
    "list shop",
    "show shop 3",
    "show shop 9",
    "show shpo 3",
    "history shop",
    "watch shop 3",
    "unwatch shop 3",
    REPLICAS,
    "cutover shop 3",
    "verify-data shop 3",
    "retry shop 9",
    "create shop main --name x --source-keyspace commerce --target-keyspace customer --tables orders",
)


@pytest.mark.parametrize("line", LINES)
async def test_every_printed_command_is_for_its_organization(line: str) -> None:
    """Whatever is answered about another organization, each command in it, pasted or pressed, acts there."""
    async with two() as stage:
        await stage.type(f"{line} --org {EU}")
        await stage.pass_time(30, 5)
        found = [one for message in everything(stage) for one in commands(message)]
        assert {one.organization for one in found} <= {EU}
        await stage.type(line)
        again = [one for message in everything(stage) for one in commands(message)]
        assert len(found) == sum(one.organization == EU for one in again)


@pytest.mark.parametrize(
    "state", ["copying", "verified_data", "switched_replicas", "switched_primaries", "error"]
)
async def test_a_live_message_prints_commands_for_its_organization(state: str) -> None:
    """The live message of another organization, in any stage, offers what acts there."""
    async with two() as stage:
        elsewhere(stage).add_workflow("crm", 1, state)
        await stage.type(f"watch crm 1 --org {EU}")
        stage.watches = True
        await stage.pass_time(60, 15)
        found = [one for message in everything(stage) for one in commands(message)]
        assert found
        assert {one.organization for one in found} == {EU}
        assert "/workflow" not in re.sub(rf"/workflow \S+ crm( 1)? --org={EU}", "", stage.read())


async def test_what_is_said_in_plain_words_names_the_organization_too() -> None:
    """A notification and a blocked request's reasons print commands for their organization."""
    async with two() as stage:
        elsewhere(stage).add_workflow("crm", 1, "switched_primaries", ago=A_DAY)
        await stage.type(f"reverse-traffic crm 1 --org {EU}")
        await stage.press(ANA, "op_confirm", stage.private())
        await stage.pass_time(120, 10)
        texts = [
            text
            for message in everything(stage)
            for text in (message.text, stage.slack.visible_text(message))
        ]
        lines = [found for text in texts for found in re.findall(r"/workflow (?!help)[^\n`]*", text or "")]
        assert all(f"--org={EU}" in line for line in lines), lines


async def test_each_organization_has_its_own_rules() -> None:
    """[[organization]] is laid over [approvals], and a [[database]] of an organization holds only there."""
    rules = f"""
        [approvals]
        required = 1
        {SECTION}
        required = 2
        channel = "{EU_MOVES}"
        [[database]]
        match = "shop"
        organization = "{EU}"
        required = 3
    """
    async with two(rules) as stage:
        elsewhere(stage).add_workflow("crm", 1, "verified_data")
        await stage.type(REPLICAS)
        assert waits_until(stage.read(stage.card()))
        await stage.type(f"{REPLICAS} --org {EU}")
        await stage.type(f"switch-traffic crm 1 --replicas-only --org {EU}")
        shop, crm = (stage.read(one) for one in stage.slack.messages(EU_MOVES))
        assert "3 full members here except Ana approve, until" in shop
        assert "2 full members here except Ana approve, until" in crm
        await stage.press(BEN, "op_approve", stage.slack.messages(EU_MOVES)[1])
        assert not changes(elsewhere(stage))
        await stage.press(CHIOMA, "op_approve", stage.slack.messages(EU_MOVES)[1])
        assert changes(elsewhere(stage)) == ["switch-replicas"]


async def test_each_organization_is_watched_with_its_own_databases() -> None:
    """What runs in the databases that an organization's section names is found there, and told."""
    policy = SECTION + f'databases = ["crm"]\nchannel = "{EU_MOVES}"\n'
    async with two(policy, watches=True, WORKFLOW_BOT_DATABASES="shop", WORKFLOW_BOT_CHANNEL=MOVES) as stage:
        elsewhere(stage).add_workflow("crm", 1, "copying", name="crm-copy")
        await stage.pass_time(120, 15)
        (here,), (there,) = stage.cards(MOVES), stage.cards(EU_MOVES)
        assert "at-home" in here
        assert "crm-copy" in there
        assert {one.database for one in elsewhere(stage).requests} == {"crm"}
        assert {one.database for one in stage.planetscale.requests} == {"shop"}


async def test_an_outage_of_one_holds_up_no_other() -> None:
    """While one organization does not answer, the other is read as ever, and its channel hears of nothing."""
    policy = SECTION + f'databases = ["crm"]\nchannel = "{EU_MOVES}"\n'
    async with two(policy, watches=True, WORKFLOW_BOT_DATABASES="shop", WORKFLOW_BOT_CHANNEL=MOVES) as stage:
        elsewhere(stage).add_workflow("crm", 1, "copying", name="crm-copy")
        await stage.pass_time(60, 15)
        elsewhere(stage).trouble("down", times=None, on="read", seconds=900)
        before = len(stage.planetscale.requests)
        await stage.pass_time(600, 15)
        assert len(stage.planetscale.requests) - before >= 30
        assert len(first_lines(stage.cards(MOVES))) == 1
        assert f"Organization {EU}." in stage.cards(EU_MOVES)[-1]


async def test_the_start_page_and_the_history_are_of_one_organization() -> None:
    """`/workflow` and `history` show the organization that is meant; the start page names the others."""
    async with two() as stage:
        await stage.type(f"{REPLICAS} --org {EU}")
        there, here = await stage.type(f"--org {EU}"), await stage.type("")
        assert "shop #3" in there
        assert f"This is {EU}. Elsewhere: /workflow --org=acme" in there
        assert "Nothing is watched and nothing waits." in here
        assert f"This is acme. Elsewhere: /workflow --org={EU}" in here
        assert "Nothing was asked for on shop" in await stage.type("history shop")
        assert "Asked by" in await stage.type(f"history shop --org {EU}")


async def test_all_that_waits_is_listed_with_its_organization() -> None:
    """`approvals` lists what waits in every organization, and says in which; with `--org`, only there."""
    async with two() as stage:
        await stage.type(REPLICAS)
        await stage.type(f"{REPLICAS} --org {EU}")
        every = await stage.type("approvals", BEN)
        assert "Waiting for people · 2" in every
        assert "· acme ·" in every
        assert f"· {EU} ·" in every
        assert "Waiting for people · 1" in await stage.type(f"approvals --org {EU}", BEN)


async def test_home_shows_every_organization() -> None:
    """A Home has what waits in all organizations, each named unless it is the default one."""
    async with two() as stage:
        await stage.type(f"{REPLICAS} --org {EU}")
        await stage.type(f"watch shop 3 --org {EU}")
        await stage.slack.open_home(BEN)
        await stage.settle()
        shown = stage.slack.visible_text(stage.slack.world.homes[BEN])
        assert "Waits for you · 1" in shown
        assert f"shop #3 in-europe · {EU}" in shown
        assert "Active workflows · 2" in shown


async def test_the_form_is_about_one_organization() -> None:
    """The create form offers what is in its organization, and the request goes there."""
    async with two() as stage:
        elsewhere(stage).add_workflow("crm", 2, "cancelled", tables={"users": 1000})
        assert await stage.type(f"create crm main -i --org {EU}") == ""
        view = stage.slack.view_of(ANA)
        assert view
        assert f"{EU}/crm/main" in stage.slack.visible_text(view)
        await stage.type(f"create --org {EU}")
        view = stage.slack.view_of(ANA)
        assert view
        found = await stage.slack.options(ANA, view, "cf_database", "")
        assert sorted(option["value"] for option in found) == ["crm", "shop"]
        assert not stage.planetscale.requests


async def test_a_shared_answer_is_of_its_organization() -> None:
    """Sharing an answer about another organization reads and posts that one."""
    async with two() as stage:
        await stage.type(f"show shop 3 --org {EU}")
        assert {one.organization for one in commands(stage.private())} == {EU}
        assert f"app.planetscale.com/{EU}/shop/workflows/3" in str(stage.private().blocks)
        await stage.press(ANA, "qa_share", stage.private())
        assert "in-europe" in stage.read(stage.card())
        assert {one.organization for one in commands(stage.card())} == {EU}
        assert not stage.planetscale.requests


async def test_each_organization_has_its_own_budget() -> None:
    """When one organization's request budget is used up, questions about another are answered at once."""
    async with two(WORKFLOW_BOT_API_BUDGET="10") as stage:
        for _ in range(3):
            await stage.type("list shop --format csv")
        before = stage.clock.monotonic()
        await stage.type(f"list shop --format csv --org {EU}")
        assert stage.clock.monotonic() - before < 0.1
        await stage.type("list shop --format csv")
        assert stage.clock.monotonic() - before > 1


async def test_what_waits_for_an_organization_of_before_is_not_sent() -> None:
    """Where an organization is not configured any more, its approved request goes nowhere, and says why."""
    async with two() as stage:
        await stage.type(f"{REPLICAS} --org {EU}")
        asked = len(elsewhere(stage).requests)
        stage.settings = stage.house.move_in(
            stage.url, socket_mode=False, DATABASE_URL=stage.settings.database_url
        )
        async with restarted(stage):
            await stage.press(BEN, "op_approve")
            await stage.pass_time(400, 25)
            assert len(elsewhere(stage).requests) == asked
            assert not stage.planetscale.requests
            assert "nothing was sent" in stage.read()
            assert "This bot does not work for that organization." in stage.read()


async def test_a_missing_token_stops_the_start() -> None:
    """A variable that the policy names and that is not there is named in one line, with its section."""
    with pytest.raises(SettingsError) as caught:
        async with open_stage(policy=SECTION, ACME_EU_TOKEN_ID="eu-id"):
            pass
    (line,) = caught.value.lines
    assert line.startswith('ACME_EU_TOKEN is missing: [[organization]] "acme-eu" ')


async def test_no_token_is_logged() -> None:
    """The tokens of all organizations are among the secrets that the log blacks out."""
    async with two() as stage:
        assert set(TOKENS.values()) <= set(stage.settings.secrets)


async def test_a_private_question_says_its_organization() -> None:
    """What one person decides alone names its organization, where it was typed and in a direct message."""
    async with two(SECTION) as stage:
        elsewhere(stage).add_workflow("shop", 3, "switched_primaries")
        said = await stage.type(f"reverse-traffic shop 3 --org {EU}")
        assert said.splitlines()[-1] == f"Organization: {EU}"
    async with two(SECTION) as stage:
        elsewhere(stage).add_workflow("shop", 3, "switched_primaries")
        stage.slack.fail("response_url", error="internal_error", times=3)
        await stage.type(f"reverse-traffic shop 3 --org {EU}")
        (direct,) = stage.cards("D0ANA")
        assert f"Organization: {EU}" in direct
