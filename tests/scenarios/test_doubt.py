"""A request that was lost and may still take effect: whatever is asked meanwhile says so."""

from bot.demo.slack.people import ANA, BEN
from tests.scenarios.conftest import A_DAY, Stage, titled

DOUBT = "The outcome of Ana's reverse-traffic of shop #3 is not known: it may still take effect until"


async def _lost_reverse(stage: Stage) -> None:
    """Ana reverses, the request is lost, and two minutes of reads show nothing of it."""
    stage.planetscale.add_workflow("shop", 3, "switched_primaries", ago=A_DAY)
    await stage.type("reverse-traffic shop 3")
    stage.planetscale.trouble("cut-off", on="mutation")
    await stage.press(ANA, "op_confirm", stage.private())
    await stage.pass_time(150, 15)
    assert "Not seen to happen" in stage.read()


async def test_a_cutover_after_a_lost_reverse(http_stage: Stage) -> None:
    """What deletes needs --force meanwhile, the card shows the doubt first, and it passes for no check."""
    stage = http_stage
    await _lost_reverse(stage)
    refused = await stage.type("cutover shop 3")
    assert refused.startswith(f"1 warning needs --force: {DOUBT}")
    await stage.type('cutover shop 3 --force --reason "the sale begins"')
    card = stage.read(stage.card())
    title, first, *_ = card.splitlines()
    assert title == "⛔ Forced, deletes · Cut over · shop #3 orders-to-customer"
    assert first.startswith(f"⛔ Forced over: {DOUBT}")
    assert "✅ No request is running" not in await stage.press(BEN, "op_all_checks")
    assert stage.changes == ["PATCH shop/workflows/3/reverse-traffic"]


async def test_the_doubt_ends(http_stage: Stage) -> None:
    """After a quarter of an hour without a late effect nothing is in doubt any more."""
    stage = http_stage
    await _lost_reverse(stage)
    await stage.pass_time(15 * 60, 60)
    await stage.type("cutover shop 3")
    card = stage.read(stage.card())
    assert titled(card, "Cut over · shop #3")
    assert DOUBT not in card
    assert "✅ No request is running" in await stage.press(BEN, "op_all_checks")


async def test_a_reverse_that_is_read_back_ends_the_doubt(http_stage: Stage) -> None:
    """The way back is open meanwhile, with a warning; once it was read back nothing is in doubt."""
    stage = http_stage
    await _lost_reverse(stage)
    assert DOUBT in await stage.type("reverse-traffic shop 3")
    await stage.press(ANA, "op_confirm", stage.private())
    await stage.pass_time(20)
    await stage.type("switch-traffic shop 3 --replicas-only")
    card = stage.read(stage.card())
    assert titled(card, "Switch replica reads")
    assert DOUBT not in card


async def test_every_card_says_it(http_stage: Stage) -> None:
    """What deletes nothing waits for no flag; its card warns all the same."""
    stage = http_stage
    await stage.approved("switch-traffic shop 3 --replicas-only", "verified_data", "cut-off")
    await stage.pass_time(150, 15)
    await stage.type("switch-traffic shop 3", BEN)
    warned = "⚠️ The outcome of Ana's switch-traffic of shop #3 is not known: it may still take effect until"
    assert warned in stage.read(stage.card())
