"""A create form where nothing may be asked: said before anybody fills it in."""

import pytest

from bot.demo.slack.people import ANA, BEN, CHIOMA, SHARED
from tests.scenarios.conftest import MOVES, Stage, open_stage
from tests.scenarios.forms import block_ids, choose, furnish, held, opened, read, search, submit

DIRECT = "D0ANA"
LINE = "create shop main --name n --source-keyspace commerce --target-keyspace customer --tables users"
IN_A_CHANNEL = "A second person has to see this, so ask in a channel where I am a member. Nothing was sent."
ELSEWHERE = """
[[database]]
match = "shop"
channel = "C0RANDOM"
"""


@pytest.mark.parametrize("channel", [DIRECT, SHARED])
async def test_where_nothing_may_be_asked(http_stage: Stage, channel: str) -> None:
    """In a direct message, or where other companies read, the form opens with the command's own words."""
    stage = http_stage
    furnish(stage)
    words = await stage.type(LINE, channel=channel)
    assert "Nothing was sent." in words
    asked = len(stage.asked)
    assert await stage.type("create shop main -i", channel=channel) == ""
    assert read(stage).splitlines()[1] == words
    assert "cf_name" not in block_ids(stage)
    assert len(stage.asked) == asked


async def test_where_the_database_is_chosen_in_the_form(http_stage: Stage) -> None:
    """It is said as soon as the database is known, for another one may have a channel of its own."""
    stage = http_stage
    furnish(stage)
    await stage.type("create shop", channel=DIRECT)
    assert "In which database, and on which branch?" in read(stage)
    await search(stage, "cf_branch")
    await choose(stage, "cf_branch", "main")
    assert IN_A_CHANNEL in read(stage)
    await choose(stage, "cf_again")
    assert IN_A_CHANNEL in read(stage)


@pytest.mark.parametrize(
    ("wrong", "left"),
    [
        ("--on-ddl foo", "--on-ddl"),
        ('--target-keyspace "bad name!"', "--target-keyspace"),
        ("--nonsense", ""),
    ],
)
async def test_a_line_in_which_something_is_wrong(http_stage: Stage, wrong: str, left: str) -> None:
    """The form is that of the line's branch with all that was right in it; what was not is named."""
    stage = http_stage
    furnish(stage)
    said = await stage.type(f"create shop main --name move {wrong} --source-keyspace commerce --tables users")
    assert (f"Not understood, so to be chosen in the form: {left}." in said) is bool(left)
    await stage.press(ANA, "cf_open", stage.private())
    assert "on shop/main." in read(stage)
    assert (held(stage, "cf_name"), held(stage, "cf_source")) == ("move", "commerce")
    assert held(stage, "cf_tables") == ["users"]


async def test_flags_are_kept_while_the_place_is_chosen(http_stage: Stage) -> None:
    """What was typed before the branch was known is in the form once it is."""
    stage = http_stage
    furnish(stage)
    await stage.type("create shop --name move --source-keyspace commerce --tables users,addresses")
    await stage.press(ANA, "cf_open", stage.private())
    await search(stage, "cf_branch")
    await choose(stage, "cf_branch", "main")
    assert (held(stage, "cf_name"), held(stage, "cf_source")) == ("move", "commerce")
    assert held(stage, "cf_tables") == ["users", "addresses"]


async def test_with_a_channel_for_the_card() -> None:
    """Where the policy names a channel for the database, the form works from anywhere."""
    async with open_stage(policy=ELSEWHERE) as stage:
        furnish(stage)
        await stage.type("create shop main -i", channel=DIRECT)
        assert "Source keyspace" in read(stage)


async def test_a_channel_that_others_joined_meanwhile(http_stage: Stage) -> None:
    """A channel may become shared while the form is open: it says so, and keeps all that is in it."""
    stage = http_stage
    furnish(stage)
    await opened(stage)
    stage.slack.channels[MOVES].shared = True
    await stage.pass_time(61, 61)
    assert await submit(stage, "users") == {}
    assert read(stage).splitlines()[1] == (
        "People of other companies see this channel, so nothing is asked here. Nothing was sent. "
        "Ask in a channel of your own."
    )
    assert stage.changes == []
    stage.slack.channels[MOVES].shared = False
    await stage.pass_time(61, 61)
    await choose(stage, "cf_again")
    assert (held(stage, "cf_name"), held(stage, "cf_tables")) == ("users-to-customer", ["users"])
    assert await submit(stage, "users") == {}
    assert stage.changes == ["POST shop/workflows"]


async def test_who_may_approve_but_not_ask() -> None:
    """Who may read about a database and not ask there sees no fields that would be filled in for nothing."""
    policy = f'[approvals]\nrequesters = ["{ANA}"]\napprovers = ["{BEN}", "{CHIOMA}"]'
    async with open_stage(policy=policy) as stage:
        furnish(stage)
        await stage.type("create shop main -i", BEN)
        assert "The policy does not let you ask for this." in read(stage, BEN)
        assert stage.asked == []
        await stage.type("create shop main -i", ANA)
        assert "Source keyspace" in read(stage, ANA)
