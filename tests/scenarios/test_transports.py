"""Whatever Slack sends is taken over signed HTTP as over the socket, and what is acknowledged arrives."""

from collections.abc import AsyncIterator

import pytest

from bot.demo.slack.people import ANA, BEN, CHIOMA, DB_MOVES
from tests.scenarios.conftest import Stage, open_stage
from tests.scenarios.forms import choose_all, furnish, opened, read, search, submit

REPLICAS = "switch-traffic shop 3 --replicas-only"


@pytest.fixture(params=["http", "socket"])
async def stage(request: pytest.FixtureRequest) -> AsyncIterator[Stage]:
    """The other scenarios run over one of the two, these over both."""
    policy = f'[approvals]\napprovers = ["{BEN}", "{CHIOMA}"]\n'
    async with open_stage(policy=policy, socket_mode=request.param == "socket") as opened:
        yield opened


@pytest.fixture
def verified(stage: Stage) -> Stage:
    """With a workflow that is verified."""
    stage.planetscale.add_workflow("shop", 3, "verified_data", name="orders-to-customer")
    return stage


async def test_a_command_is_answered_in_its_ack(stage: Stage) -> None:
    """What needs no look at PlanetScale is the answer to the command itself."""
    assert (await stage.type("help cutover")).startswith("/workflow cutover")
    assert (await stage.type("cutovre shop 3")).startswith("There is no sub-command “cutovre”")


async def test_a_command_is_answered_later(verified: Stage) -> None:
    """What is read first comes afterwards, to the asker alone."""
    assert (await verified.type("show shop 3")).startswith("Running · verified clean")


async def test_a_request_is_asked_for_and_decided(verified: Stage) -> None:
    """A request becomes a card, and a press on it an approval."""
    await verified.type(REPLICAS)
    await verified.press(BEN, "op_approve")
    assert verified.changes == ["PATCH shop/workflows/3/switch-replicas"]


async def test_a_press_is_answered(verified: Stage) -> None:
    """A press that does not count is answered to whoever pressed."""
    await verified.type(REPLICAS)
    assert await verified.press(ANA, "op_approve") != ""
    assert verified.changes == []


async def test_a_form_opens_and_is_taken(verified: Stage) -> None:
    """The form that a button opens is read, and refused at its field or taken."""
    await verified.type(REPLICAS)
    await verified.press(BEN, "op_deny")
    refused = await verified.slack.submit(BEN, {"reason": {"reason": "pscale_tkn_abcdefghijklmnop"}})
    assert "reason" in refused.body["errors"]
    await verified.slack.submit(BEN, {"reason": {"reason": "not today"}})
    await verified.settle()
    assert "“not today”" in verified.read()


async def test_a_form_follows_what_is_chosen_in_it(stage: Stage) -> None:
    """What is chosen in a form changes it, what is searched for is offered, and the whole is taken."""
    furnish(stage)
    await opened(stage)
    assert await search(stage, "cf_tables") == ["addresses", "users"]
    await choose_all(stage)
    assert "Up to 100." not in read(stage)
    assert await submit(stage) == {}
    assert stage.changes == ["POST shop/workflows"]


async def test_a_menu_of_a_card_is_filled(verified: Stage) -> None:
    """Who can be asked is offered while somebody types, and is asked once chosen."""
    await verified.type(REPLICAS)
    offered = await verified.slack.options(ANA, verified.first, "op_ask_someone", "chi")
    assert [option["value"] for option in offered] == [CHIOMA]
    await verified.press(ANA, "op_ask_someone", verified.first, value=CHIOMA)
    assert "@Chioma" in "\n".join(verified.replies())


async def test_a_shortcut_opens_a_window(verified: Stage) -> None:
    """*What is this?* on a message opens its window."""
    await verified.type(REPLICAS)
    delivery = await verified.slack.shortcut(CHIOMA, verified.first, "what_is_this")
    await verified.settle()
    assert delivery.problem is None
    assert verified.slack.view_of(CHIOMA) is not None


@pytest.mark.parametrize("action_id", ["op_from_the_future", "zz"])
async def test_a_button_of_another_version_is_answered(verified: Stage, action_id: str) -> None:
    """Whoever presses a button that this version does not know is told so."""
    await verified.type(REPLICAS)
    card = verified.first
    rows = [block for block in card.all_blocks if block["type"] == "actions"]
    rows[0]["elements"][0]["action_id"] = action_id
    assert (await verified.press(BEN, action_id, card)).startswith("This button is of another version")


async def test_a_home_is_opened(stage: Stage) -> None:
    """Who opens the app's Home reads it."""
    delivery = await stage.slack.open_home(BEN)
    await stage.settle()
    assert delivery.problem is None
    assert stage.slack.visible_text(stage.slack.world.homes[BEN]).startswith("Waits for you")


@pytest.mark.parametrize(
    ("channel", "typed"), [(DB_MOVES, "@Workflow Bot show shop 3"), ("D0ANA", "show shop 3")]
)
async def test_what_is_written_to_the_bot_is_answered(verified: Stage, channel: str, typed: str) -> None:
    """A mention and a direct message are answered."""
    before = len(verified.slack.world.messages)
    _, deliveries = await verified.slack.talk(ANA, channel, typed)
    await verified.settle()
    assert all(one.ok for one in deliveries)
    [answer] = verified.slack.world.messages[before + 1 :]
    assert verified.slack.visible_text(answer, ANA).startswith("Running · verified clean")


async def test_a_pasted_link_is_told_of(verified: Stage) -> None:
    """Under a link of a workflow's page stands where it is."""
    page = "https://app.planetscale.com/acme/shop/workflows/3"
    message, deliveries = await verified.slack.talk(ANA, DB_MOVES, page)
    await verified.settle()
    assert all(one.ok for one in deliveries)
    [found] = [one for one in verified.slack.messages(DB_MOVES) if one.ts == message.ts]
    assert "Running · verified clean" in verified.slack.visible_text(found)
    assert deliveries


async def test_what_slack_sends_again_is_answered_once(verified: Stage) -> None:
    """What Slack delivers again, because it heard no answer, is one request and one question."""
    asked = await verified.slack.command(ANA, DB_MOVES, "/workflow", REPLICAS)
    _, events = await verified.slack.talk(ANA, DB_MOVES, "@Workflow Bot show shop 3")
    for delivery in (asked, *events):
        assert (await verified.slack.redeliver(delivery)).problem is None
    await verified.settle()
    assert len(verified.cards()) == 2
    assert len(verified.slack.ephemeral_for(ANA)) == 1
