"""The message shortcut "What is this?" on a message of the bot."""

from bot.demo.slack import payloads
from bot.demo.slack.model import OTHER_TEAM
from bot.demo.slack.people import ANA, BEN, CHIOMA, GIL
from tests.scenarios.conftest import MOVES, Stage
from tests.scenarios.watched import live, watching

SHORTCUT = "what_is_this"


async def ask(stage: Stage, user: str, nth: int = 0) -> list[str]:
    """Somebody uses the shortcut on a message; the lines of the window that opens."""
    message = stage.slack.messages(MOVES)[nth]
    delivery = await stage.slack.shortcut(user, message, SHORTCUT)
    assert delivery.problem is None, delivery
    await stage.settle()
    view = stage.slack.view_of(user)
    return stage.slack.visible_text(view, user).splitlines() if view else []


async def a_card(stage: Stage) -> None:
    stage.planetscale.add_workflow("shop", 3, "verified_data", name="orders-to-customer")
    await stage.type("switch-traffic shop 3 --replicas-only")


async def test_a_card_is_explained_to_a_newcomer(stage: Stage) -> None:
    """The window says what this card is about and where it stands, then who may press and what follows."""
    await a_card(stage)
    lines = await ask(stage, CHIOMA)
    assert lines[0] == "What is this?"
    assert lines[1] == "This card: Switch replica reads · shop #3 orders-to-customer · asked by Ana"
    assert "Waiting" in lines[2]
    assert "any full member here except Ana may approve" in lines[2]
    text = "\n".join(lines)
    for word in (
        "Two people.",
        "Who may press.",
        "Approve stands for",
        "Deny stops it now",
        "how to go back",
    ):
        assert word in text
    assert lines[-1] == "[Close]"
    assert stage.changes == []


async def test_it_says_how_the_request_stands_now(stage: Stage) -> None:
    """After the request ended, the window says so."""
    await a_card(stage)
    await stage.press(BEN, "op_deny", stage.first)
    assert (await ask(stage, CHIOMA))[2].startswith("Denied by @Ben at ")


async def test_a_reply_is_explained_by_its_request(stage: Stage) -> None:
    """A reply under a card is explained as the card is."""
    await a_card(stage)
    await stage.press(BEN, "op_deny", stage.first)
    replies = [nth for nth, one in enumerate(stage.slack.messages(MOVES)) if one.thread_ts]
    assert "Switch replica reads · shop #3" in (await ask(stage, CHIOMA, replies[0]))[1]


async def test_a_live_message_is_no_request() -> None:
    """On a live message the window says that nobody has to decide anything there."""
    async with watching("copying", percent=20) as stage:
        lines = await ask(stage, CHIOMA, stage.slack.messages(MOVES).index(live(stage)))
        assert lines[1].startswith("What it is. This bot tells about a workflow at PlanetScale")
        assert "Reading them changes nothing." in lines[1]
        assert not any("Somebody asked" in line for line in lines)


async def test_somebody_elses_message_is_not_explained(stage: Stage) -> None:
    """On a message that the bot did not write, the window says so."""
    stage.slack.say(ANA, MOVES, "lunch?")
    assert (await ask(stage, BEN))[1] == (
        "This message is not from this bot, so there is nothing to explain about it."
    )


async def test_a_guest_may_read_the_rule(stage: Stage) -> None:
    """Whoever sees the card may have it explained; it says nothing that the channel does not show."""
    await a_card(stage)
    assert (await ask(stage, GIL))[0] == "What is this?"


async def test_other_workspaces_get_nothing(stage: Stage) -> None:
    """A click from another company's workspace opens nothing."""
    await a_card(stage)
    payload = payloads.message_action(stage.slack.world, ANA, stage.first, SHORTCUT)
    payload["team"] = {"id": OTHER_TEAM, "domain": "other"}
    await stage.slack.sender.send("interactive", payload)
    await stage.settle()
    assert stage.slack.view_of(ANA) is None
