"""`list` without a database: what is active in all of them, what needs somebody first."""

import json

import pytest

from bot.demo.planetscale.world import Database
from bot.demo.slack.people import ANA, BEN, GIL, OLU, SHARED
from bot.slack.lists import reading
from tests.scenarios.conftest import A_DAY, MOVES, Stage, open_stage

HEADER = "Active workflows in acme"


def add_database(stage: Stage, name: str) -> None:
    stage.planetscale.world.databases.setdefault(name, Database(name))


def fill(stage: Stage) -> None:
    """Five databases: one has nothing, one is in error, one waits to be completed."""
    for name in ("shop", "crm", "billing", "events", "empty"):
        add_database(stage, name)
    stage.planetscale.add_workflow("shop", 3, "verified_data", name="orders-to-customer")
    stage.planetscale.add_workflow("shop", 2, "completed", name="old")
    stage.planetscale.add_workflow("crm", 7, "error", name="contacts-split")
    stage.planetscale.add_workflow("billing", 4, "cutover", name="invoices", ago=A_DAY)
    stage.planetscale.add_workflow("events", 9, "copying", name="clicks")


def names(answer: str) -> list[str]:
    """The databases of the rows, in their order."""
    known = {"shop", "crm", "billing", "events", "empty"}
    return [line.split()[0] for line in answer.splitlines() if line.split()[0] in known]


def tables(stage: Stage) -> list[list[str]]:
    """The cells of each table in the newest private answer."""
    found = [block for block in stage.private().blocks if block["type"] == "table"]
    return [[cell["text"] for row in table["rows"] for cell in row] for table in found]


async def test_everything_active_is_listed_what_needs_somebody_first(stage: Stage) -> None:
    """All databases of the organization in one answer: an error first, then what is to be completed."""
    fill(stage)
    answer = await stage.type("list")
    assert answer.splitlines()[0] == f"{HEADER} · 4 active · 2 need attention · 5 databases read"
    assert names(answer) == ["crm", "billing", "events", "shop"]
    assert "🔴 Error" in answer
    assert "🟡 Cut over · to be completed" in answer
    assert "Running · verified clean" in answer
    assert answer.splitlines()[-2:] == [
        "Next: /workflow show crm 7",
        "[Show crm #7] [Show billing #4] [Show events #9] [Refresh]",
    ]
    assert "old" not in answer


async def test_it_can_be_read_again_in_its_place(stage: Stage) -> None:
    """*Refresh* reads everything again, in the place of the old answer; it is for its reader alone."""
    fill(stage)
    await stage.type("list --needs-attention")
    stage.planetscale.add_workflow("empty", 1, "stopped", name="new-trouble")
    before = len(stage.slack.ephemeral_for(ANA))
    await stage.press(ANA, "qa_refresh", stage.private())
    assert len(stage.slack.ephemeral_for(ANA)) == before
    assert names(stage.slack.visible_text(stage.private())) == ["crm", "empty", "billing"]
    assert "Share in channel" not in stage.slack.visible_text(stage.private())


async def test_only_what_needs_attention(stage: Stage) -> None:
    """`--needs-attention` leaves out what needs nobody, of all databases and of one."""
    fill(stage)
    answer = await stage.type("list --needs-attention")
    assert answer.splitlines()[0].startswith("What needs attention in acme · 4 active · 2 need attention")
    assert names(answer) == ["crm", "billing"]
    assert "contacts-split" in await stage.type("list crm --needs-attention")
    assert (await stage.type("list shop --needs-attention")).splitlines()[:2] == [
        "Nothing in shop needs attention · 1 active, 1 ended",
        "All: /workflow list shop",
    ]
    only = await stage.type("list shop --active")
    assert "orders-to-customer" in only
    assert "old" not in only


async def test_a_request_that_waits_needs_attention(stage: Stage) -> None:
    """What waits for a second person stands above what only lies there."""
    fill(stage)
    await stage.type("switch-traffic shop 3 --replicas-only")
    answer = await stage.type("list")
    assert names(answer) == ["crm", "shop", "billing", "events"]
    assert "🟠 Running · verified clean · waits for approval" in answer
    assert "waits for approval" in await stage.type("list shop --needs-attention")


async def test_data_that_differs_needs_attention(stage: Stage) -> None:
    """Where rows are known to differ, the list says so without anybody asking for the workflow."""
    fill(stage)
    stage.planetscale.trouble("mismatch")
    await stage.type("verify-data shop 3")
    await stage.pass_time(6 * 3600, step=600)
    assert "🔴 Data differs" in await stage.type("list")


async def test_it_is_a_table_where_slack_has_tables(stage: Stage) -> None:
    """A list is Slack's own table, with whole names; where Slack refuses that, lines of equal width."""
    fill(stage)
    long = "a-name-that-is-longer-than-a-column-of-equal-width"
    stage.planetscale.add_workflow("events", 10, "copying", name=long, branch="dev")
    for typed in ("list", "list events"):
        await stage.type(typed)
        assert any(long in cell for cell in tables(stage)[0])
        stage.slack.fail("response_url", error="invalid_blocks")
        await stage.type(typed)
        assert tables(stage) == []
        plain = stage.slack.visible_text(stage.private())
        assert "a-name-that-is-longer-t" in plain
        assert long not in plain
        assert "Next: /workflow show" in plain


async def test_it_can_be_had_as_data(stage: Stage) -> None:
    """JSON and CSV name the database of each workflow, in the same order."""
    fill(stage)
    text = await stage.type("list --format json")
    data = json.loads(text[: text.rindex("]") + 1])
    assert [(one["database"], one["number"]) for one in data] == [
        ("crm", 7), ("billing", 4), ("events", 9), ("shop", 3),
    ]  # fmt: skip
    assert (await stage.type("list --needs-attention --format csv")).splitlines()[1].startswith("crm,7,")


async def test_one_database_that_fails_is_named(stage: Stage) -> None:
    """A database that PlanetScale does not give is named with the reason; the others are listed."""
    fill(stage)
    stage.planetscale.trouble("server-error", on="list", database="crm", times=None)
    stage.planetscale.trouble("not-found", on="list", database="events", times=None)
    answer = await stage.type("list")
    assert answer.splitlines()[0] == f"{HEADER} · 2 active · 1 needs attention · 3 databases read"
    assert names(answer) == ["billing", "shop"]
    assert "Not read: crm. PlanetScale has trouble of its own." in answer
    assert (
        "Not read: events. PlanetScale knows events, but the bot's token may not read its workflows."
        in answer
    )


async def test_one_database_that_hangs_holds_up_nothing(
    http_stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A database that does not answer in time is named; nobody waits for it to answer about the rest."""
    stage = http_stage
    fill(stage)
    monkeypatch.setattr(reading, "PATIENCE", 0.5)
    held = stage.planetscale.trouble("hang", on="list", database="crm", times=None)
    answer = await stage.type("list")
    assert "Not read: crm. PlanetScale did not answer within" in answer
    assert names(answer) == ["billing", "events", "shop"]
    stage.planetscale.lift(held)


async def test_what_is_watched_is_known_while_planetscale_is_silent() -> None:
    """Of a database that cannot be read, what watching knows is shown, with the time of that reading."""
    async with open_stage(watches=True) as stage:
        fill(stage)
        await stage.type("watch crm 7")
        stage.planetscale.trouble("server-error", on="list", database="crm", times=None)
        answer = await stage.type("list")
        assert names(answer) == ["crm", "billing", "events", "shop"]
        assert "🔴 Error · about 41 % · read 02:14" in answer
        assert "Not read: crm." in answer


async def test_a_token_that_lists_no_databases() -> None:
    """Where the token may not list databases, those that the bot knows are read, and the answer says so."""
    async with open_stage(WORKFLOW_BOT_DATABASES="shop") as stage:
        fill(stage)
        stage.planetscale.trouble("forbidden", on="databases", times=None)
        answer = await stage.type("list")
        assert names(answer) == ["shop"]
        assert "Which databases there are is not known:" in answer


@pytest.mark.parametrize(("user", "channel"), [(GIL, MOVES), (OLU, SHARED)])
async def test_outsiders_see_nothing(stage: Stage, user: str, channel: str) -> None:
    """Guests and people of other companies are refused before anything is read."""
    fill(stage)
    answer = await stage.type("list", user, channel)
    assert "Only full members of this workspace can use this bot." in answer
    assert stage.asked == []


async def test_whoever_may_read_one_database_sees_that_one() -> None:
    """Databases that the policy keeps from somebody are neither read, nor named, nor counted."""
    policy = f'[approvals]\nrequesters = ["{ANA}"]\n[[database]]\nmatch = "crm"\nrequesters = ["{BEN}"]\n'
    async with open_stage(policy=policy) as stage:
        fill(stage)
        answer = await stage.type("list", user=BEN)
        assert answer.splitlines()[0] == f"{HEADER} · 1 active · 1 needs attention · 1 database read"
        assert names(answer) == ["crm"]
        assert "What the policy does not let you read is left out." in answer
        assert not any("billing" in path or "shop" in path for _, path in stage.asked)
