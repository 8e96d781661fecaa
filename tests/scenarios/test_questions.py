"""`list` and `show`, from the signed payload to what a person reads."""

import json
from pathlib import Path

import pytest

from bot.demo.slack.people import ANA, BEN, CHIOMA, GIL
from tests.scenarios.conftest import MOVES, Stage, open_stage

BUTTONS = "[Switch replica reads] [Refresh] [Open in PlanetScale] [Share in channel]"
SHOP = "/v1/organizations/acme/databases/shop"


def add_orders(stage: Stage) -> None:
    stage.planetscale.add_workflow("shop", 3, "verified_data", name="orders-to-customer")


async def test_show_reads_fresh_and_says_who_serves_writes(stage: Stage) -> None:
    """`show` reads the workflow and, to know an import from a move, its keyspaces; only the asker is told."""
    add_orders(stage)
    answer = await stage.type("show shop 3")
    assert stage.asked == [("GET", f"{SHOP}/workflows/3"), ("GET", f"{SHOP}/branches/main/keyspaces")]
    lines = answer.splitlines()
    assert lines[0] == "Running · verified clean 2 h ago · shop #3 orders-to-customer"
    assert lines[1] == "Writes: commerce · Replica reads: commerce"
    assert lines[-2:] == ["Next: /workflow switch-traffic shop 3 --replicas-only", BUTTONS]
    assert stage.slack.ephemeral_for(BEN) == []
    assert stage.slack.messages(MOVES) == []


async def test_list_puts_active_ones_first_and_says_how_many_are_left_out(stage: Stage) -> None:
    """`list` reads every page, shows what is active first, and names how many ended ones are not shown."""
    for number in range(1, 131):
        stage.planetscale.add_workflow("shop", number, "completed", name=f"old-{number}")
    add_orders(stage)
    stage.planetscale.add_workflow("shop", 131, "copying", name="catalog-split", percent=12.0)
    answer = await stage.type("list shop")
    assert [path for _, path in stage.asked if path.endswith("/workflows")] == [f"{SHOP}/workflows"] * 2
    lines = answer.splitlines()
    assert lines[0] == "Workflows in shop · 2 active, 129 ended"
    assert lines[2].split()[:5] == ["131", "catalog-split", "commerce", "Copying", "·"]
    assert lines[3].split()[:6] == ["3", "orders-to-customer", "commerce", "Running", "·", "verified"]
    assert "and 123 older: /workflow list shop --format csv" in answer
    assert lines[-2:] == [
        "Next: /workflow show shop 131",
        "[Show #131] [Show #3] [Refresh] [Share in channel]",
    ]


async def test_an_empty_database_says_how_to_begin(stage: Stage) -> None:
    """A database without workflows gets a sentence and the command that would start one."""
    add_orders(stage)
    del stage.planetscale.world.databases["shop"].workflows[3]
    answer = await stage.type("list shop")
    assert answer == "No workflows in shop yet. Start one: /workflow create shop main -i"


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ("help", "PlanetScale workflows"),
        ("show --help", "/workflow show · "),
        ("help switch-traffic", "/workflow switch-traffic · "),
        ("shwo shop 3", "There is no sub-command “shwo”."),
    ],
)
async def test_help_and_mistakes_are_answered_at_once(stage: Stage, typed: str, answer: str) -> None:
    """Help and usage errors come with the ack, without a look-up anywhere."""
    before = len(stage.slack.calls)
    assert (await stage.type(typed)).startswith(answer)
    assert stage.asked == []
    assert len(stage.slack.calls) == before


async def test_a_wrong_number_names_the_right_ones(stage: Stage) -> None:
    """Asking for a workflow that does not exist names those that do."""
    add_orders(stage)
    assert await stage.type("show shop 33") == (
        "There is no workflow 33 in shop. Active: #3.\nAll: /workflow list shop\n[List shop]"
    )


async def test_a_wrong_database_names_the_nearest(stage: Stage) -> None:
    """Asking for a database that does not exist suggests the one that was meant."""
    add_orders(stage)
    assert await stage.type("list shpo") == (
        "There is no database shpo in acme that this bot can see.\n"
        "Did you mean /workflow list shop?\nIt sees: shop\n[Run]"
    )


async def test_a_wrong_database_keeps_what_was_asked(stage: Stage) -> None:
    """Asking to see a workflow of a misspelt database, one is offered that very line."""
    add_orders(stage)
    assert "Did you mean /workflow show shop 3?" in await stage.type("show shp 3")


async def test_a_workflow_that_is_listed_and_not_given(stage: Stage) -> None:
    """A workflow that PlanetScale lists and does not give is not said to be missing."""
    add_orders(stage)
    stage.planetscale.trouble("not-found", on="get", times=None, database="shop", number=3)
    answer = await stage.type("show shop 3")
    assert answer == (
        "PlanetScale lists #3 but did not give it. Try again:\n/workflow show shop 3\n"
        "[Try again] [Open in PlanetScale]"
    )


@pytest.mark.parametrize("imported", [True, False])
async def test_an_import_is_not_offered_a_cutover(stage: Stage, imported: bool) -> None:
    """An import that only its source keyspace shows ends with `complete`, a move with `cutover`."""
    stage.planetscale.add_workflow("crm", 5, "switched_primaries", name="rds-import", imported=imported)
    last = (await stage.type("show crm 5")).splitlines()[-2]
    assert last.endswith(f"/workflow {'complete' if imported else 'cutover'} crm 5")


async def test_json_and_csv_are_text_to_copy(stage: Stage) -> None:
    """`--format json` and `csv` give the data itself, without the rows that a verification sampled."""
    add_orders(stage)
    as_csv = await stage.type("show shop 3 --format csv")
    assert as_csv.splitlines()[0].startswith("number,name,state,")
    assert "orders-to-customer" in as_csv
    assert as_csv.splitlines()[-1] == "Row samples are left out; see the dashboard."
    as_json = await stage.type("list shop --format json")
    data = json.loads(as_json[: as_json.rindex("]") + 1])
    assert [one["number"] for one in data] == [3]
    assert "Row samples" not in as_json
    one = await stage.type("show shop 3 --format json")
    assert json.loads(one[: one.rindex("}") + 1])["number"] == 3


async def test_long_data_comes_as_a_file_to_the_person_alone(stage: Stage) -> None:
    """What is too long for a message is a file in the asker's direct message with the bot."""
    tables = {f"table_{number}": 1_000_000 for number in range(60)}
    stage.planetscale.add_workflow("shop", 3, "verified_data", name="orders-to-customer", tables=tables)
    answer = await stage.type("show shop 3 --format json --debug")
    assert answer.splitlines() == [
        "It is too long for a message, so it is in our direct message as the file shop-3.json.",
        "Row samples are left out; see the dashboard.",
        "--debug means nothing in chat and was ignored.",
    ]
    shared = stage.slack.calls_to("files.completeUploadExternal")
    assert len(shared) == 1
    dm = stage.slack.calls_to("conversations.open")[0].answer["channel"]["id"]
    texts = [stage.slack.visible_text(message) for message in stage.slack.messages(dm, ANA)]
    assert any("[file: shop-3.json]" in text for text in texts)
    assert stage.slack.messages(dm, BEN) == [] or dm not in stage.slack.channels


@pytest.mark.parametrize("user", [ANA, BEN, CHIOMA])
async def test_full_members_may_read(http_stage: Stage, user: str) -> None:
    """Every full member of the workspace may read."""
    add_orders(http_stage)
    assert "orders-to-customer" in await http_stage.type("show shop 3", user)


async def test_guests_may_not_read(stage: Stage) -> None:
    """A guest learns nothing, and PlanetScale is not asked."""
    add_orders(stage)
    channel = next(
        c.id for c in stage.slack.channels.values() if GIL in c.members and not c.id.startswith("D")
    )
    answer = await stage.type("show shop 3", GIL, channel)
    assert (
        answer == "Only full members of this workspace can use this bot. Nothing was read. Ask one of them."
    )
    assert stage.asked == []


async def test_when_slack_cannot_say_who_asks_nothing_is_read(stage: Stage) -> None:
    """Without knowing who asks, the bot reads nothing and says so."""
    add_orders(stage)
    stage.slack.fail("users.info", error="internal_error")
    answer = await stage.type("show shop 3")
    assert answer == "Slack could not say who you are just now, so nothing was read. Try again in a minute."
    assert stage.asked == []


async def test_ignored_flags_are_named(http_stage: Stage) -> None:
    """A flag that means nothing in chat is accepted with a word to say so."""
    add_orders(http_stage)
    assert (await http_stage.type("show shop 3 --debug")).splitlines()[-2].startswith("--debug means nothing")


async def test_another_organization_is_refused_in_words(http_stage: Stage) -> None:
    """`--org` with an organization that is not configured is refused; the configured one is accepted."""
    add_orders(http_stage)
    assert (await http_stage.type("show shop 3 --org other")).startswith(
        "This bot does not work for the organization other."
    )
    assert "orders-to-customer" in await http_stage.type("show shop 3 --org acme")


async def test_hostile_names_arrive_as_dead_text(stage: Stage) -> None:
    """A name that looks like a mention, bold text or a link is shown as it is, and is none of these."""
    hostile = "<!channel> *x* <https://evil.invalid|click> &amp; `x`\u202e\n<@U0BEN>"
    stage.planetscale.add_workflow("shop", 3, "error", name=hostile, workflow_errors=hostile)
    for typed in ("show shop 3", "list shop", "show shop 3 --format csv", "show shop 3 --format json"):
        answer = await stage.type(typed)
        assert "<!channel> *x* <https:" in answer or "direct message" in answer
    for message in stage.slack.ephemeral_for(ANA):
        assert stage.slack.live_markup(message) == []


async def test_blocks_that_slack_refuses_are_sent_as_plain_text(http_stage: Stage) -> None:
    """A workspace that does not take the blocks still gets the words."""
    add_orders(http_stage)
    http_stage.slack.fail("response_url", error="invalid_blocks")
    await http_stage.type("show shop 3")
    assert "Writes: commerce" in http_stage.slack.ephemeral_for(ANA)[-1].text


@pytest.mark.parametrize(
    ("trouble", "sentences"),
    [
        ("rate-limited", ()),
        ("rate-limited-silent", ()),
        ("unauthorized", ()),
        (
            "forbidden",
            ("The bot's token may not do this in PlanetScale.", "Whoever runs the bot has to grant it."),
        ),
        ("server-error", ()),
        ("unavailable", ()),
        ("empty", ()),
        ("malformed", ()),
        ("surprising", ()),
        ("redirect", ()),
    ],
)
async def test_a_failed_read_says_three_things(
    http_stage: Stage, trouble: str, sentences: tuple[str, ...]
) -> None:
    """However PlanetScale fails, the person reads what happened, that nothing changed, and what to do."""
    add_orders(http_stage)
    http_stage.planetscale.trouble(trouble, times=None)
    answer = await http_stage.type("show shop 3")
    assert "Nothing was changed." in answer.splitlines()[0]
    assert len(answer.splitlines()) >= 2
    assert "<" not in answer
    for sentence in sentences:
        assert sentence in answer


async def test_a_read_that_works_at_the_second_try_is_an_answer(http_stage: Stage) -> None:
    """A passing failure of PlanetScale is not worth a person's attention."""
    add_orders(http_stage)
    http_stage.planetscale.trouble("server-error", times=1)
    assert "orders-to-customer" in await http_stage.type("show shop 3")


async def test_only_those_whom_the_policy_lets_ask_may_read(tmp_path: Path) -> None:
    """Where the policy names requesters, nobody else reads workflows, histories or what waits."""
    policy = tmp_path / "policy.toml"
    policy.write_text(f'[approvals]\nrequesters = ["{BEN}"]\n')
    refused = "The policy does not let you ask about this. Nothing was read. Ask somebody whom it names."
    async with open_stage(WORKFLOW_BOT_POLICY=str(policy)) as stage:
        add_orders(stage)
        for typed in ("show shop 3", "list shop", "history shop", "approvals"):
            assert await stage.type(typed, ANA) == refused
        assert stage.asked == []
        assert "orders-to-customer" in await stage.type("show shop 3", BEN)
