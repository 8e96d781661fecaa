"""Slack refuses: what passes is waited for, nothing is done unseen, and in the end all is shown right."""

import httpx
import pytest

from bot.demo.slack.people import ANA, BEN
from bot.slack.cards.blocks.plainer import ONE_COUNTS
from tests.scenarios.conftest import MOVES, Stage

TWENTY_MINUTES = 1200


@pytest.mark.parametrize(
    "code", ["org_login_required", "a_new_reason", "accesslimited", "service_unavailable"]
)
async def test_a_card_while_slack_takes_nothing(http_stage: Stage, code: str) -> None:
    """A request whose card Slack refuses for twenty minutes has its card, with Approve, when Slack works."""
    stage = http_stage
    stage.planetscale.add_workflow("shop", 3, "verified_data")
    stage.slack.fail("chat.postMessage", error=code, times=None)
    await stage.type("switch-traffic shop 3 --replicas-only")
    await stage.pass_time(TWENTY_MINUTES, 30)
    stage.slack.faults.heal()
    await stage.pass_time(360, 30)
    await stage.press(BEN, "op_approve")
    assert stage.changes == ["PATCH shop/workflows/3/switch-replicas"]


@pytest.mark.parametrize("code", ["org_login_required", "a_new_reason", "edit_window_closed"])
async def test_a_live_message_while_slack_takes_no_edits(watching_stage: Stage, code: str) -> None:
    """A live message never goes on naming the keyspace that writes have left, once Slack takes anything."""
    stage = watching_stage
    stage.planetscale.add_workflow("shop", 3, "verified_data")
    await stage.type("watch shop 3")
    await stage.pass_time(30, 5)
    assert "Writes: commerce" in stage.read()
    stage.slack.fail("chat.update", error=code, times=None)
    stage.planetscale.outside("shop", 3, "switch-primaries")
    await stage.pass_time(TWENTY_MINUTES, 30)
    stage.slack.faults.heal()
    await stage.pass_time(360, 30)
    live = [card for card in stage.cards() if "Writes: " in card]
    assert live
    assert not any("Writes: commerce" in card for card in live)


@pytest.mark.parametrize("code", ["cant_update_message", "edit_window_closed", "update_failed"])
async def test_no_approve_is_left_after_the_deed(http_stage: Stage, code: str) -> None:
    """Where Slack lets no card be edited, the decided one is replaced: nobody can press Approve on it."""
    stage = http_stage
    stage.planetscale.add_workflow("shop", 3, "verified_data")
    await stage.type("switch-traffic shop 3 --replicas-only")
    stage.slack.fail("chat.update", error=code, times=None)
    await stage.press(BEN, "op_approve")
    await stage.pass_time(TWENTY_MINUTES, 15)
    assert stage.changes == ["PATCH shop/workflows/3/switch-replicas"]
    assert not any("[Approve]" in card for card in stage.cards())
    assert any(ONE_COUNTS in card and "served replica reads" in card for card in stage.cards())


@pytest.mark.parametrize("code", ["invalid_auth", "account_inactive", "missing_scope"])
async def test_a_token_that_is_refused_once(http_stage: Stage, code: str) -> None:
    """After one refusal of a good token the bot tells everything a minute later, and goes on."""
    stage = http_stage
    stage.planetscale.add_workflow("shop", 3, "verified_data")
    await stage.type("switch-traffic shop 3 --replicas-only")
    stage.slack.fail("chat.update", error=code)
    await stage.press(BEN, "op_approve")
    ready = await asked(stage, "/readyz")
    assert (ready.status_code, ready.json()["slack_token"]) == (503, False)
    await stage.pass_time(180, 10)
    assert (await asked(stage, "/readyz")).json()["slack_token"] is True
    assert "[Approve]" not in stage.read()
    stage.planetscale.add_workflow("crm", 5, "verified_data")
    await stage.type("switch-traffic crm 5 --replicas-only")
    assert "crm" in stage.cards()[-1]


async def test_nothing_new_is_sent_that_nobody_can_be_told_of(http_stage: Stage) -> None:
    """While Slack refuses the token nothing is sent to PlanetScale; what was approved goes when it may."""
    stage = http_stage
    stage.planetscale.add_workflow("shop", 3, "verified_data")
    await stage.type("switch-traffic shop 3 --replicas-only")
    stage.bot.working.courier.breaker.refuse("token_revoked")
    await stage.press(BEN, "op_approve")
    assert stage.changes == []
    await stage.pass_time(90, 10)
    assert stage.changes == ["PATCH shop/workflows/3/switch-replicas"]


async def test_what_was_approved_is_not_sent_late(http_stage: Stage) -> None:
    """An approval whose five minutes pass while Slack refuses ends, and says why nothing was sent."""
    stage = http_stage
    stage.planetscale.add_workflow("shop", 3, "verified_data")
    await stage.type("switch-traffic shop 3 --replicas-only")
    stage.slack.fail("chat.update", error="token_revoked", times=None)
    stage.slack.fail("auth.test", error="token_revoked", times=None)
    stage.bot.working.courier.breaker.refuse("token_revoked")
    await stage.press(BEN, "op_approve")
    await stage.pass_time(TWENTY_MINUTES, 30)
    assert (await asked(stage, "/healthz")).status_code == 503
    stage.slack.faults.heal()
    await stage.pass_time(120, 30)
    assert (await asked(stage, "/healthz")).status_code == 200
    assert stage.changes == []
    assert "Slack refused the bot's token, so nobody could have been told." in stage.read()


async def test_the_way_back_does_not_wait(http_stage: Stage) -> None:
    """Going back is sent although Slack refuses what the bot tells: whoever confirmed it is there."""
    stage = http_stage
    stage.planetscale.add_workflow("shop", 3, "switched_primaries")
    await stage.type("reverse-traffic shop 3")
    stage.bot.working.courier.breaker.refuse("missing_scope")
    await stage.press(ANA, "op_confirm", stage.private())
    assert stage.changes == ["PATCH shop/workflows/3/reverse-traffic"]


async def test_a_waiting_card_keeps_its_buttons(http_stage: Stage) -> None:
    """A card whose blocks Slack refuses can still be approved; without buttons it says what to do."""
    stage = http_stage
    stage.planetscale.add_workflow("shop", 3, "verified_data")
    stage.slack.fail("chat.postMessage", error="invalid_blocks", times=2)
    await stage.type("switch-traffic shop 3 --replicas-only")
    assert "Slack refused the buttons of this message" in stage.read()
    assert "/workflow approvals" in stage.read()
    stage.slack.fail("chat.update", error="invalid_blocks")
    await stage.pass_time(660, 60)
    await stage.press(BEN, "op_approve")
    assert stage.changes == ["PATCH shop/workflows/3/switch-replicas"]
    assert stage.slack.messages(MOVES)


async def test_a_channel_that_opens_too_late(http_stage: Stage) -> None:
    """A request that ended because no channel took its card does not turn up there when it opens."""
    stage = http_stage
    stage.planetscale.add_workflow("shop", 3, "verified_data")
    stage.slack.channels[MOVES].archived = True
    await stage.type("switch-traffic shop 3 --replicas-only")
    await stage.pass_time(60, 10)
    stage.slack.channels[MOVES].archived = False
    await stage.pass_time(2 * 3600, 300)
    assert stage.cards() == []
    assert stage.changes == []


async def asked(stage: Stage, path: str) -> httpx.Response:
    """What the process says of itself."""
    transport = httpx.ASGITransport(stage.bot.web)
    async with httpx.AsyncClient(transport=transport, base_url="http://bot") as client:
        return await client.get(path)
