"""Who did it: what PlanetScale names another account for is never told as the bot's own doing."""

from bot.demo.planetscale.world import Actor
from bot.demo.slack.people import BEN
from tests.scenarios.conftest import MOVES, Stage, text, titled
from tests.scenarios.restarting import restarted

RENEWED = Actor("workflow-bot-2")
DONE = "Done in 9 s · customer has served writes since"
BY_DEV = "In place, done by dev@acme.example"


async def verify(stage: Stage, number: int = 9) -> None:
    """A change of the bot's own, taken: PlanetScale names the bot for it."""
    stage.planetscale.add_workflow("shop", number, "running", percent=100.0)
    await stage.type(f"verify-data shop {number}")
    await stage.pass_time(5)


async def approve_switch(stage: Stage, trouble: str = "", number: int = 3) -> None:
    """A switch of primaries is approved, and comes to this trouble."""
    stage.planetscale.add_workflow("shop", number, "switched_replicas")
    await stage.type(f"switch-traffic shop {number}")
    if trouble:
        stage.planetscale.trouble(trouble, on="mutation")
    cards = (one for one in stage.slack.messages(MOVES) if titled(stage.slack.visible_text(one), "Switch"))
    await stage.press(BEN, "op_approve", [one for one in cards if not one.thread_ts][-1])


async def dev_switches(stage: Stage, number: int = 3) -> None:
    stage.planetscale.outside("shop", number, "switch-primaries")
    await stage.pass_time(30, 3)


def status(stage: Stage, number: int = 3) -> str:
    """What the card of the switch says of it."""
    begin = f"Switch primaries · shop #{number}"
    return next(card for card in stage.cards() if titled(card, begin)).splitlines()[1]


async def test_somebody_switches_while_the_outcome_is_not_known(http_stage: Stage) -> None:
    """Where a request is lost and somebody else does the same, the card says that it is in place by them."""
    stage = http_stage
    await verify(stage)
    await approve_switch(stage, "cut-off")
    await dev_switches(stage)
    assert stage.read(stage.slack.messages(MOVES)[1]) == text(
        """
        ❓ Look before going on · Switch primaries · shop #3 orders-to-customer
        In place, done by dev@acme.example
        Writes: customer · Replica reads: customer
        It is so now, but not by this request alone. Look before going on. Next: /workflow show shop 3
        Asked by Ana · approved by Ben
        [Details] [Open in PlanetScale]
        acme / shop / main
        """
    )


async def test_the_bots_own_lost_request_is_its_own(http_stage: Stage) -> None:
    """A switch of the bot whose answer is lost is told as done: PlanetScale names the bot for it."""
    stage = http_stage
    await verify(stage)
    await approve_switch(stage, "lost-answer")
    await stage.pass_time(30, 3)
    assert status(stage).startswith(DONE)


async def test_refused_because_somebody_was_faster(http_stage: Stage) -> None:
    """What PlanetScale refuses, and shows as done by somebody else, is not told as done by the request."""
    stage = http_stage
    await verify(stage)
    held = stage.planetscale.trouble("hang", on="switch-primaries")
    stage.unanswered = True
    await approve_switch(stage)
    stage.planetscale.outside("shop", 3, "switch-primaries")
    stage.unanswered = False
    stage.planetscale.lift(held)
    await stage.settle()
    await stage.pass_time(30, 3)
    assert status(stage) == BY_DEV


async def test_before_the_bot_was_ever_named_nobody_is_told_apart(http_stage: Stage) -> None:
    """As long as PlanetScale has named nobody for a change of the bot, it may be the bot that it names."""
    stage = http_stage
    await approve_switch(stage, "cut-off")
    await dev_switches(stage)
    assert status(stage).startswith("It did happen")


async def test_it_is_known_after_a_restart(http_stage: Stage) -> None:
    """The bot knows its own account from before it was stopped."""
    stage = http_stage
    await verify(stage)
    async with restarted(stage):
        await approve_switch(stage, "cut-off")
        await dev_switches(stage)
        assert status(stage) == BY_DEV


async def test_a_token_of_another_account(http_stage: Stage) -> None:
    """A bot with a token of another account knows it from the first change on that PlanetScale takes."""
    stage = http_stage
    await verify(stage)
    stage.planetscale.actor = RENEWED
    async with restarted(stage):
        await approve_switch(stage)
        await stage.pass_time(30, 3)
        assert status(stage).startswith(DONE)
        await approve_switch(stage, "lost-answer", 4)
        await stage.pass_time(30, 3)
        assert status(stage, 4).startswith(DONE)
        await approve_switch(stage, "cut-off", 5)
        await dev_switches(stage, 5)
        assert status(stage, 5) == BY_DEV


async def test_nobody_is_named(http_stage: Stage) -> None:
    """Where PlanetScale does not say who did it, nobody is told apart, and the bot's account stays known."""
    stage = http_stage
    await verify(stage)
    stage.planetscale.actor = Actor("")
    await approve_switch(stage, "lost-answer")
    await stage.pass_time(30, 3)
    assert status(stage).startswith(DONE)
    await approve_switch(stage, number=4)
    await stage.pass_time(30, 3)
    assert status(stage, 4).startswith(DONE)
    await approve_switch(stage, "cut-off", 5)
    await dev_switches(stage, 5)
    assert status(stage, 5) == BY_DEV


async def test_a_name_that_comes_when_it_is_done(http_stage: Stage) -> None:
    """Where an answer does not name anybody yet, whom the first read after it names is the bot."""
    stage = http_stage
    stage.planetscale.stamp_early = False
    await verify(stage)
    await stage.pass_time(900, 60)
    stage.planetscale.actor = RENEWED
    async with restarted(stage):
        await approve_switch(stage)
        await stage.pass_time(30, 3)
        assert status(stage).startswith(DONE)
        await approve_switch(stage, "cut-off", 4)
        await dev_switches(stage, 4)
        assert status(stage, 4) == BY_DEV


async def test_somebody_does_what_was_not_seen_to_happen(watching_stage: Stage) -> None:
    """What somebody else does after a request was lost is no late effect of it: it is told as outside."""
    stage = watching_stage
    await verify(stage)
    await approve_switch(stage, "cut-off")
    await stage.pass_time(140, 14)
    assert status(stage).startswith("Not seen to happen")
    await dev_switches(stage)
    assert "happened after all" not in "\n".join([*stage.cards(), *stage.replies()])
    assert status(stage).startswith("Not seen to happen")
    [told] = [card for card in stage.cards() if "outside this bot" in card]
    assert "Primaries switched outside this bot by dev@acme.example" in told


async def test_somebody_creates_the_same(http_stage: Stage) -> None:
    """A workflow that somebody else created under the name that was asked for is theirs: a person looks."""
    stage = http_stage
    await verify(stage)
    stage.planetscale.outside("shop", 9, "cancel")
    await stage.pass_time(60, 5)
    stage.planetscale.trouble("cut-off", on="create")
    asked = "--name move --source-keyspace commerce --target-keyspace customer --tables orders,line_items"
    await stage.type(f"create shop main {asked}")
    body = {"name": "move", "source_keyspace": "commerce", "target_keyspace": "customer"}
    stage.planetscale.outside_create("shop", **body, tables=["orders", "line_items"])
    await stage.pass_time(10)
    card = next(one for one in stage.cards() if titled(one, "Create"))
    assert card.splitlines()[1] == text(
        "Outcome not known · a person has to say it · PlanetScale names dev@acme.example"
    )
