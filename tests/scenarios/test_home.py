"""The App Home, from the event that Slack sends to what a person reads there."""

from bot.demo.slack.people import ANA, BEN, CHIOMA, GIL
from bot.slack.cards.answers.brief_answers import not_a_member_card
from tests.scenarios.conftest import MOVES, Stage, text

REPLICAS = "switch-traffic shop 3 --replicas-only"
ASKED = "Switch replica reads · shop #3 orders-to-customer"


def home(stage: Stage, user: str) -> str:
    """What somebody reads in their Home, without what stands there about watched workflows."""
    shown = stage.slack.visible_text(stage.slack.world.homes[user])
    above, _, below = shown.partition("Active workflows")
    return above + "Lately" + below.partition("Lately")[2]


async def opened(stage: Stage, user: str) -> None:
    """Somebody opens their Home, and the bot does what there is to do."""
    delivery = await stage.slack.open_home(user)
    assert delivery.problem is None, delivery
    await stage.settle()


async def kept(stage: Stage, seconds: float = 30) -> None:
    """Time passes, and Homes are kept right."""
    for _ in range(round(seconds)):
        await stage.pass_time(1)
        await stage.bot.answering.homes.run_once()


async def test_an_approval_that_waits_for_me(stage: Stage) -> None:
    """Ana asks; Ben finds it first in his Home, with a link to its card; once he approved, it is gone."""
    stage.planetscale.add_workflow("shop", 3, "verified_data", name="orders-to-customer")
    await opened(stage, BEN)
    assert home(stage, BEN).startswith("Waits for you\nNothing waits for you.")
    await stage.type(REPLICAS)
    await kept(stage)
    assert home(stage, BEN) == text(
        f"""
        Waits for you · 1
        {ASKED}
        Waiting for 1 approval · expires 02:44 · asked by Ana · open
        You asked for
        Nothing in the last day. What you can ask for: /workflow help
        Lately
        Nothing yet. All requests on a database: /workflow history <database>
        —
        As of 02:14 · all commands: /workflow help
        [Refresh]
        """
    )
    view = stage.slack.world.homes[BEN]
    card = stage.first
    assert f"/archives/{MOVES}/p{card.ts.replace('.', '')}" in str(view.body)
    await stage.press(BEN, "op_approve", card)
    await kept(stage, 60)
    assert home(stage, BEN).startswith("Waits for you\nNothing waits for you.")
    assert f"Lately\n{ASKED}" in home(stage, BEN)


async def test_what_i_asked_for(http_stage: Stage) -> None:
    """Whoever asked finds their request in their Home, never among what they could approve."""
    stage = http_stage
    stage.planetscale.add_workflow("shop", 3, "verified_data")
    await stage.type(REPLICAS)
    await opened(stage, ANA)
    assert home(stage, ANA).startswith("Waits for you\nNothing waits for you.")
    assert f"You asked for · 1\n{ASKED}\nWaiting for 1 approval" in home(stage, ANA)
    await stage.press(BEN, "op_deny", stage.first)
    await kept(stage)
    assert f"You asked for · 1\n{ASKED}\nDenied by" in home(stage, ANA)


async def test_a_guest_sees_nothing(http_stage: Stage) -> None:
    """A guest reads one sentence in Home, with no name in it, also after something has changed."""
    stage = http_stage
    stage.planetscale.add_workflow("shop", 3, "verified_data")
    await opened(stage, GIL)
    await stage.type(REPLICAS)
    await kept(stage)
    await opened(stage, GIL)
    only = stage.slack.visible_text(stage.slack.world.homes[GIL])
    assert only == not_a_member_card().plain


async def test_home_approves_nothing(http_stage: Stage) -> None:
    """Nothing is decided in Home: it is a way to the card, not around it; only Refresh can be pressed."""
    stage = http_stage
    stage.planetscale.add_workflow("shop", 3, "verified_data")
    await stage.type(REPLICAS)
    await opened(stage, BEN)
    body = str(stage.slack.world.homes[BEN].body)
    assert "Waits for you · 1" in body
    assert (body.count("'button'"), body.count("'value'")) == (1, 1)
    assert "'action_id': 'ho_refresh'" in body
    assert stage.changes == []


async def test_an_event_that_comes_again(stage: Stage) -> None:
    """The same event, delivered again, draws nothing anew; the Messages tab draws nothing at all."""
    first = await stage.slack.open_home(BEN)
    await stage.settle()
    drawn = len(stage.slack.calls_to("views.publish"))
    again = await stage.slack.redeliver(first)
    assert again.problem is None
    messages = await stage.slack.event({"type": "app_home_opened", "user": CHIOMA, "tab": "messages"})
    assert messages.problem is None
    await stage.settle()
    assert drawn == 2  # what was known, and what was read
    assert len(stage.slack.calls_to("views.publish")) == drawn


async def test_workflows_that_run(watching_stage: Stage) -> None:
    """A watched workflow stands in Home with its state, who serves writes, and a bar while it copies."""
    stage = watching_stage
    stage.planetscale.add_workflow("shop", 3, "copying")
    await stage.type("watch shop 3")
    await stage.pass_time(60)
    await opened(stage, BEN)
    shown = stage.slack.visible_text(stage.slack.world.homes[BEN])
    running = shown.partition("Active workflows · 1\n")[2]
    assert running.startswith("Copying")
    assert "Writes: commerce · open" in running
    assert "░" in running
