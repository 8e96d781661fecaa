"""Once a workflow has moved on, its earlier cards claim nothing any more and offer nothing."""

from bot.demo.planetscale.world import State
from bot.demo.slack.model import Message
from bot.demo.slack.people import ANA, BEN, CHIOMA
from bot.operations.storage import stories
from tests.scenarios.conftest import A_DAY, MOVES, Stage, text, titled
from tests.scenarios.watched import outside

PRIMARIES = "switch-traffic shop 3"
REPLICAS = "switch-traffic shop 3 --replicas-only"


async def _switched(stage: Stage, asked: str, state: str) -> None:
    """Ana asks for a switch of a workflow in `state`, Ben approves, and it ends."""
    stage.planetscale.add_workflow("shop", 3, state)
    await stage.type(asked)
    await stage.press(BEN, "op_approve")
    await stage.pass_time(20, 1)


async def _cut_over(stage: Stage) -> None:
    """A day later Ana cuts over, and Ben approves: it is under way."""
    stage.clock.advance(A_DAY)
    await stage.type("cutover shop 3")
    await stage.press(BEN, "op_approve")


async def test_the_card_of_a_switch_after_the_cutover(http_stage: Stage) -> None:
    """What it says of traffic is past, its way back and its buttons are gone; it links to what happened."""
    stage = http_stage
    await _switched(stage, PRIMARIES, "switched_replicas")
    await _cut_over(stage)
    assert "↩️ Way back: /workflow reverse-traffic shop 3" in stage.read()
    await stage.pass_time(45, 1)
    assert stage.read() == text(
        """
        ⚪ Past · Switch primaries · shop #3 orders-to-customer
        Done in 9 s · customer served writes from 02:14
        Since then: cut over · open
        Asked by Ana · approved by Ben
        [Details] [Open in PlanetScale]
        acme / shop / main
        """
    )
    assert stage.slack.messages(MOVES)[0].text == text(
        """
        Switch primaries, shop #3: Done in 9 s, customer served writes from 02:14 UTC. Since then: cut over.
        """
    )


async def test_it_is_redrawn_once_and_nobody_is_told(http_stage: Stage) -> None:
    """However much was refused since, the earlier card is edited a single time; its thread is not called."""
    stage = http_stage
    await _switched(stage, REPLICAS, "verified_data")
    for _ in range(stories.REDRAWN):
        assert "Switch first." in await stage.type("cutover shop 3")
    edits, threads = _edits(stage), stage.replies()
    await stage.type(PRIMARIES)
    await stage.press(BEN, "op_approve")
    await stage.pass_time(60, 5)
    assert _edits(stage) == edits + 1
    assert "Since then: switch primaries · open" in stage.read()
    assert stage.replies() == [
        "shop #3: Done in 14 s · customer served replica reads from 02:14.\nSince then: switch primaries."
    ]
    assert len(threads) == 1


async def test_buttons_that_somebody_still_sees(http_stage: Stage) -> None:
    """A press on the card as it was drawn is refused, or answered with what happened since."""
    stage = http_stage
    await _switched(stage, PRIMARIES, "switched_replicas")
    await _cut_over(stage)
    old = stage.first
    await stage.pass_time(45)
    sent = list(stage.changes)
    assert await stage.press(ANA, "op_cutover_needs", old) == text(
        """
        This card is out of date. Since then: cut over. Now: /workflow show shop 3
        """
    )
    refused = await stage.press(CHIOMA, "op_next.reverse-traffic.switched_primaries", old)
    assert refused.splitlines()[-1] == "Nothing was sent."
    assert stage.changes == sent


async def test_a_denied_request_of_before(http_stage: Stage) -> None:
    """A card of which nothing was sent does not say who serves what either, once that has changed."""
    stage = http_stage
    stage.planetscale.add_workflow("shop", 3, "verified_data")
    await stage.type(PRIMARIES)
    await stage.press(BEN, "op_deny")
    assert "Writes: commerce · Replica reads: commerce, as before" in stage.read()
    await stage.type(REPLICAS)
    await stage.press(BEN, "op_approve")
    await stage.pass_time(20)
    assert stage.read() == text(
        """
        ⚪ Past · Switch primaries · shop #3 orders-to-customer
        Denied by @Ben at 02:14 · nothing was sent
        Since then: switch replica reads · open
        Asked by Ana
        [Details] [Open in PlanetScale]
        acme / shop / main
        """
    )


async def test_what_changes_nothing_overtakes_nothing(http_stage: Stage) -> None:
    """A later request that PlanetScale refused leaves the earlier card as it is, with its way back."""
    stage = http_stage
    await _switched(stage, PRIMARIES, "switched_replicas")
    before = stage.read()
    stage.planetscale.trouble("refuse", on="mutation", text="no")
    await _cut_over(stage)
    await stage.pass_time(20)
    assert "[Reverse traffic]" in before
    assert stage.read() == before


async def test_while_nobody_knows_how_the_later_one_ended(http_stage: Stage) -> None:
    """The earlier card says so; if a person then says that it did not happen, it is as it was."""
    stage = http_stage
    await _switched(stage, REPLICAS, "verified_data")
    before = stage.read()
    await stage.type(PRIMARIES)
    later = stage.card()
    stage.planetscale.trouble("cut-off", on="mutation")
    await stage.press(BEN, "op_approve")
    stage.planetscale.workflow("shop", 3).state = State.COPYING
    await stage.pass_time(130, 13)
    assert "Since then: switch primaries, outcome not known · open" in stage.read()
    drawn = next(one for one in stage.slack.messages(MOVES) if one.ts == later.ts)
    await stage.press(BEN, "op_did_not_happen", drawn)
    assert stage.read() == before


def _edits(stage: Stage) -> int:
    """How often the first card was edited."""
    edited = stage.slack.calls_to("chat.update")
    return sum(1 for call in edited if call.arguments.get("ts") == stage.first.ts)


async def test_an_old_button_does_not_verify_what_is_verified(watching_stage: Stage) -> None:
    """A press of [Verify data] after a clean end starts nothing and names the command; typed, it starts."""
    stage = watching_stage
    stage.planetscale.add_workflow("shop", 3, "copying", percent=99.5, tables={"orders": 9_000_000})
    await stage.type("watch shop 3")
    await stage.pass_time(480, 60)
    notice = stage.card()
    assert "[Verify data]" in stage.read(notice)
    await stage.press(ANA, "op_next.verify-data", notice)
    await stage.pass_time(120, 15)
    verified = ["PATCH shop/workflows/3/verify-data"]
    assert stage.changes == verified
    said = await stage.press(BEN, "op_next.verify-data", notice)
    assert said == text(
        """
        Verified clean at 03:23; that counts until tomorrow 03:23. \
        To verify again: /workflow verify-data shop 3
        Nothing was sent.
        """
    )
    assert stage.changes == verified
    assert await stage.type("verify-data shop 3", BEN) == ""
    assert stage.changes == verified * 2


async def test_a_button_verifies_again_what_was_overtaken(http_stage: Stage) -> None:
    """After a reverse the earlier verification counts no more: the card's [Verify data] starts a new one."""
    stage = http_stage
    await _switched(stage, REPLICAS, "verified_data")
    await stage.type("reverse-traffic shop 3")
    await stage.press(ANA, "op_confirm", stage.private())
    await stage.pass_time(20)
    reverse = next(one for one in stage.slack.messages(MOVES) if "Reverse traffic ·" in stage.read(one))
    await stage.press(BEN, "op_next.verify-data", reverse)
    assert stage.changes[-1] == "PATCH shop/workflows/3/verify-data"


async def test_what_was_asked_again_is_the_latest(http_stage: Stage) -> None:
    """The request that did it keeps its way back: the one before, which was not seen, gets no late effect."""
    stage = http_stage
    await stage.approved(PRIMARIES, "switched_replicas", "cut-off")
    await stage.pass_time(130, 13)
    await stage.press(ANA, "op_ask_again", stage.first)
    again = stage.card()
    await stage.press(BEN, "op_approve", again)
    await stage.pass_time(90, 5)
    assert stage.read(again).splitlines()[1] == "Done in 10 s · customer has served writes since 02:16"
    assert "[Reverse traffic]" in stage.read(again)
    assert not any("after all" in card for card in stage.cards())


async def test_a_later_switch_that_went_back(http_stage: Stage) -> None:
    """A later switch that left everything as it was takes nothing from the card of what is still so."""
    stage = http_stage
    await _switched(stage, REPLICAS, "verified_data")
    before = stage.read()
    await stage.type(PRIMARIES)
    stage.planetscale.trouble("go-back", on="mutation")
    await stage.press(BEN, "op_approve")
    await stage.pass_time(60, 5)
    assert any(card.startswith("Did not happen") for card in stage.cards())
    assert stage.read() == before
    assert "↩️ Way back: /workflow reverse-traffic shop 3" in before


def _in_channel(stage: Stage) -> str:
    """All that stands in the usual channel now."""
    return "\n".join(stage.slack.visible_text(one) for one in stage.slack.messages(MOVES))


def _card(stage: Stage) -> Message:
    """The card of the switch, as it is now."""
    return next(one for one in stage.slack.messages(MOVES) if titled(stage.read(one), "Switch primaries"))


async def _watched_switch(stage: Stage) -> None:
    """The writes of a watched workflow are switched, and it stays watched."""
    stage.planetscale.add_workflow("shop", 3, "switched_replicas")
    await stage.type(PRIMARIES)
    await stage.press(BEN, "op_approve", _card(stage))
    await stage.pass_time(60, 5)


async def test_a_switch_that_is_in_error_since(watching_stage: Stage) -> None:
    """No message claims or offers what is so no more; once it runs again, they say what they said."""
    stage = watching_stage
    await _watched_switch(stage)
    offered = "Way back, until the cutover: /workflow reverse-traffic shop 3"
    assert offered in _in_channel(stage)
    workflow = stage.planetscale.workflow("shop", 3)
    workflow.state = State.ERROR
    await stage.pass_time(120, 15)
    assert stage.read(_card(stage)) == text(
        """
        ⚪ Past · Switch primaries · shop #3 orders-to-customer
        Done in 10 s · customer served writes from 02:14
        Since then: error · Writes: not certain
        Asked by Ana · approved by Ben
        [Details] [Open in PlanetScale]
        acme / shop / main
        """
    )
    assert "reverse-traffic" not in _in_channel(stage)
    workflow.state = State.SWITCHED_PRIMARIES
    await stage.pass_time(120, 15)
    assert "↩️ Way back: /workflow reverse-traffic shop 3" in stage.read(_card(stage))
    assert offered in _in_channel(stage)


async def test_a_switch_that_somebody_took_back_without_the_bot(watching_stage: Stage) -> None:
    """Its card says where writes are now, and offers no way back that was taken already."""
    stage = watching_stage
    await _watched_switch(stage)
    await outside(stage, "reverse-traffic")
    card = stage.read(_card(stage))
    assert "Since then: verified before traffic was reversed · Writes: commerce" in card
    assert "Way back" not in card
