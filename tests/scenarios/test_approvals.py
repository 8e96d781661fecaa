"""The two-person rule, from the typed command to what the channel reads."""

from bot.demo.slack.people import ANA, BEN
from tests.scenarios.conftest import MOVES, Stage


async def test_a_switch_of_replica_reads_from_asking_to_done(stage: Stage) -> None:
    """Ana cannot approve what she asks; Ben approves, one request leaves, the card says what is true."""
    stage.planetscale.add_workflow("shop", 3, "verified_data", name="orders-to-customer")
    assert await stage.type("switch-traffic shop 3 --replicas-only") == ""
    waiting = stage.cards()[-1]
    assert "Switch replica reads · shop #3 orders-to-customer" in waiting
    assert "Waiting for 1 approval" in waiting
    told = await stage.press(ANA, "op_approve")
    assert told == "You asked for this, so somebody else has to approve it. You can withdraw it."
    await stage.press(BEN, "op_approve")
    await stage.pass_time(30)
    done = stage.slack.visible_text(
        next(message for message in stage.slack.messages(MOVES) if not message.thread_ts)
    )
    assert "customer serves replica reads" in done
    assert "approved by Ben" in done
    changes = [request.operation for request in stage.planetscale.requests if request.method != "GET"]
    assert changes == ["switch-replicas"]
