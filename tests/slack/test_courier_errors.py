"""Every way in which Slack can refuse a message, and where and in which form it is told then."""

from itertools import pairwise
from typing import Any

import pytest
import structlog

from bot.demo.clock import ManualClock
from bot.demo.slack.people import DB_MOVES, NO_BOT, OLD, RANDOM
from bot.slack.cards.blocks.plainer import ONE_COUNTS, WITHOUT_BUTTONS
from bot.slack.delivery import refusals
from bot.slack.delivery.pacing import Pacing, Rates
from tests.slack.courier_stage import Stage

PLACE_ERRORS = [
    "not_in_channel",
    "channel_not_found",
    "is_archived",
    "restricted_action",
    "restricted_action_read_only_channel",
    "is_inactive",
    "no_permission",
    "user_not_found",
    "cannot_dm_bot",
]
TOKEN_ERRORS = [
    "invalid_auth",
    "account_inactive",
    "token_revoked",
    "token_expired",
    "not_authed",
    "missing_scope",
]
CONTENT_ERRORS = ["invalid_blocks", "invalid_blocks_format", "msg_too_long", "msg_blocks_too_long"]
THREAD_ERRORS = ["thread_not_found", "cannot_reply_to_message", "restricted_action_thread_locked"]
VANISHED = ["message_not_found", "cant_update_message", "edit_window_closed"]


@pytest.mark.parametrize("error", PLACE_ERRORS)
async def test_the_next_place_is_tried(post: Stage, error: str) -> None:
    """Where the first channel does not take a message, the second gets it, and the row says why."""
    await post.want("a", places=[RANDOM, DB_MOVES])
    post.slack.fail("chat.postMessage", error=error)
    courier = post.courier()
    await post.settle(courier)
    assert (post.shown(RANDOM), post.shown()) == ([], ["a"])
    await post.want("a", "v2", places=[RANDOM, DB_MOVES])
    await post.settle(courier)
    assert (post.shown(RANDOM), post.shown()) == ([], ["v2"])
    assert not post.refused


async def test_no_place_is_left(post: Stage) -> None:
    """What Slack takes nowhere is said to be undeliverable, once, with the reason; changes are not sent."""
    await post.want("a", places=[NO_BOT, OLD, "C0NOSUCH"])
    courier = post.courier()
    await post.settle(courier)
    assert post.refused == [("a", "channel_not_found")]
    row = await post.row("a")
    assert (row["state"], row["error"]) == ("failed", "channel_not_found")
    calls = len(post.slack.calls)
    await post.want("a", "v2", places=[NO_BOT, OLD, "C0NOSUCH"])
    await post.settle(courier)
    assert (len(post.slack.calls), len(post.refused)) == (calls, 1)


async def test_another_place_is_another_chance(post: Stage) -> None:
    """A message that failed everywhere is posted when it is wanted elsewhere."""
    courier = post.courier()
    await post.want("a", places=[NO_BOT])
    await post.settle(courier)
    await post.want("a", places=[DB_MOVES])
    await post.settle(courier)
    assert post.shown() == ["a"]


async def test_a_live_message_is_tried_again(post: Stage) -> None:
    """A live message that Slack took nowhere is tried again when it changes, but not for ten minutes."""
    courier = post.courier()
    await post.want("a", places=[DB_MOVES])
    post.slack.fail("chat.postMessage", error="is_archived")
    await post.settle(courier)
    assert post.refused == [("a", "is_archived")]
    post.clock.advance(599)
    await post.want("a", "v2")
    await post.settle(courier)
    assert post.shown() == []
    post.clock.advance(1)
    await post.want("a", "v3")
    await post.settle(courier)
    assert post.shown() == ["v3"]


@pytest.mark.parametrize("error", ["cant_update_message", "edit_window_closed"])
async def test_where_nothing_may_be_edited(post: Stage, error: str) -> None:
    """Where Slack lets nothing be changed, a new message is posted for a new state, not for each number."""
    courier = post.courier()
    await post.want("a", "v1", priority=2)
    await post.settle(courier)
    post.slack.fail("chat.update", error=error, times=None)
    for percent in range(5):
        await post.want("a", f"{percent} %", priority=2)
        await post.settle(courier)
    assert post.shown() == ["v1"]
    await post.want("a", "switched", priority=1)
    await post.settle(courier)
    assert post.shown() == [f"{ONE_COUNTS}\nswitched"]


async def test_no_place_at_all(post: Stage) -> None:
    """A message without any place is undeliverable; Slack is not asked."""
    await post.want("a", places=[])
    await post.settle(post.courier())
    assert post.refused == [("a", "no_place")]
    assert not post.slack.calls


async def test_a_bug_in_the_callback_loses_nothing(post: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Failing and saying so happen together: where saying so is impossible, it is tried again."""
    await post.want("a", places=[NO_BOT])

    def broken(_key: object) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patched:
        patched.setattr(Stage, "_undeliverable", lambda *_: broken(_))
        await post.courier().run_once()
        assert (await post.row("a"))["state"] == "posting"
    await post.settle(post.courier())
    assert post.refused == [("a", "not_in_channel")]


@pytest.mark.parametrize("error", TOKEN_ERRORS)
@pytest.mark.parametrize("method", ["chat.postMessage", "chat.update"])
async def test_a_token_that_is_refused_once(post: Stage, method: str, error: str) -> None:
    """After a refused token nothing is tried for a minute; once Slack accepts it, all is made right."""
    courier = post.courier()
    if method == "chat.update":
        await post.want("a", "v1")
        await courier.run_once()
    await post.want("a", "v2")
    await post.event("b")
    post.slack.fail(method, error=error)
    await courier.run_once()
    assert (courier.healthy, courier.refused, courier.pause) == (False, error, 60)
    calls = len(post.slack.calls)
    post.clock.advance(59)
    assert await courier.run_once() == 0
    assert len(post.slack.calls) == calls
    await post.settle(courier)
    assert post.slack.calls[calls].method == "auth.test"
    assert courier.healthy
    assert sorted(post.shown()) == ["b", "v2"]


async def test_a_token_that_is_refused_for_hours(post: Stage) -> None:
    """While Slack refuses the token it is asked once a minute, and nothing else; then all is made right."""
    courier = post.courier()
    await post.want("a", "v1")
    await post.settle(courier)
    post.slack.token_refused = "account_inactive"
    await post.want("a", "v2")
    await courier.run_once()
    calls = len(post.slack.calls)
    until = post.clock.monotonic() + 7200
    while post.clock.monotonic() < until:
        await courier.run_once()
        post.clock.advance(courier.pause or 10)
    asked = post.slack.calls[calls:]
    assert {call.method for call in asked} == {"auth.test"}
    assert 115 <= len(asked) <= 121
    assert (courier.breaker.accepts, courier.breaker.unwell) == (
        False,
        "Slack has refused SLACK_BOT_TOKEN for over ten minutes: account_inactive",
    )
    post.slack.token_refused = None
    await post.settle(courier)
    assert post.shown() == ["v2"]
    assert (courier.breaker.accepts, courier.breaker.unwell) == (True, None)


async def test_a_token_that_may_not_post(post: Stage) -> None:
    """A token that Slack knows and lets post nothing is no good token, until something was posted."""
    courier = post.courier()
    post.slack.fail("chat.postMessage", error="missing_scope", times=3)
    await post.want("a")
    for _ in range(3):
        await courier.run_once()
        assert not courier.breaker.accepts
        post.clock.advance(60)
    await courier.run_once()
    assert courier.breaker.accepts
    assert post.shown() == ["a"]


@pytest.mark.parametrize("fault", [{"status": 503}, {"how": "garbage"}, {"error": "ratelimited"}], ids=str)
async def test_a_refused_token_and_a_busy_slack(post: Stage, fault: dict[str, Any]) -> None:
    """While it cannot be asked whether the token is right, the refusal stands."""
    courier = post.courier()
    post.slack.fail("chat.postMessage", error="invalid_auth")
    post.slack.fail("auth.test", times=3, **fault)
    await post.want("a")
    await courier.run_once()
    for _ in range(3):
        post.clock.advance(60)
        await courier.run_once()
        assert courier.refused == "invalid_auth"
    await post.settle(courier)
    assert post.shown() == ["a"]


@pytest.mark.parametrize("error", CONTENT_ERRORS)
async def test_plain_once(post: Stage, error: str) -> None:
    """Blocks that Slack refuses are replaced by the whole message in plain text."""
    await post.want("a", "all of it")
    post.slack.fail("chat.postMessage", error=error)
    courier = post.courier()
    await post.settle(courier)
    assert post.shown() == ["all of it"]
    assert not post.find("all of it").blocks
    post.slack.fail("chat.update", error=error)
    await post.want("a", "changed")
    await post.settle(courier)
    assert post.shown() == ["changed"]
    await post.want("a", "and again")
    await post.settle(courier)
    assert post.find("and again").blocks


async def test_slack_s_own_check_of_blocks(post: Stage) -> None:
    """Blocks that are really invalid reach people as plain text, too."""
    await post.want("a", subject_kind="blocks")
    await post.settle(post.courier())
    assert post.shown() == ["All of it, plain"]


@pytest.mark.parametrize("times", [1, 2])
async def test_buttons_survive(post: Stage, times: int) -> None:
    """What Slack takes of a message keeps its buttons; without them it says so, and how it goes on."""
    await post.want("a", "Decide", subject_kind="buttons")
    post.slack.fail("chat.postMessage", error="invalid_blocks", times=times)
    courier = post.courier()
    for _ in range(times + 1):
        await courier.run_once()
        post.clock.advance(1)
    if times == 1:
        assert post.shown() == ["Decide\n[Approve]"]
        assert (await post.row("a"))["state"] == "shown"
        return
    assert post.shown() == [f"{WITHOUT_BUTTONS}\nDecide"]
    post.clock.advance(600)
    await post.settle(courier)
    assert post.shown() == ["Decide\n[Approve]"]
    assert post.slack.messages(DB_MOVES)[0].blocks[0]["type"] == "rich_text"


async def test_why_blocks_were_refused(post: Stage) -> None:
    """What Slack says of refused blocks is in the log, so that somebody can mend them."""
    with structlog.testing.capture_logs() as logs:
        await post.want("a", subject_kind="blocks")
        await post.settle(post.courier())
    (refused,) = [line for line in logs if line["event"] == "form_refused"]
    assert "json-pointer:/blocks/0" in str(refused["reasons"])


@pytest.mark.parametrize("method", ["chat.postMessage", "chat.update"])
@pytest.mark.parametrize(
    "error", ["metadata_too_large", "invalid_metadata_schema", "metadata_must_be_sent_from_app"]
)
async def test_without_metadata(post: Stage, method: str, error: str) -> None:
    """What Slack refuses for its metadata is sent as it is, without them."""
    courier = post.courier()
    if method == "chat.update":
        await post.want("a", "v1")
        await post.settle(courier)
    await post.want("a", "v2")
    post.slack.fail(method, error=error)
    await post.settle(courier)
    assert post.find("v2").blocks
    assert not post.slack.calls[-1].arguments.get("metadata")


async def test_metadata_and_blocks_are_refused(post: Stage) -> None:
    """A message that Slack refuses for one reason after the other still arrives."""
    post.slack.fail("chat.postMessage", error="invalid_blocks")
    post.slack.fail("chat.postMessage", status=503)
    post.slack.fail("chat.postMessage", error="metadata_too_large")
    await post.want("a")
    await post.settle(post.courier())
    assert not post.find("a").blocks


async def test_plain_is_refused_too(post: Stage) -> None:
    """If even the plain text is refused, the message is undeliverable instead of being tried for ever."""
    post.slack.fail("chat.postMessage", error="msg_too_long", times=None)
    await post.want("a")
    await post.settle(post.courier())
    assert post.refused == [("a", "msg_too_long")]
    assert len(post.slack.calls) == 2


@pytest.mark.parametrize("error", VANISHED)
async def test_a_vanished_message(post: Stage, error: str) -> None:
    """A live message that can no longer be changed is posted anew, and kept up to date there."""
    courier = post.courier()
    await post.want("a", "v1")
    await post.settle(courier)
    await post.want("a", "v2")
    post.slack.fail("chat.update", error=error)
    await post.settle(courier)
    await post.want("a", "v3")
    await post.settle(courier)
    assert post.shown() == (["v1", "v3"] if error == "message_not_found" else ["v3"])


@pytest.mark.parametrize("error", ["cant_update_message", "edit_window_closed"])
@pytest.mark.parametrize("live", [True, False])
async def test_a_card_that_may_not_be_edited(post: Stage, error: str, live: bool) -> None:
    """A card that Slack does not let be changed is replaced, also one that has ended, and taken away."""
    courier = post.courier()
    await post.want("a", "Approve?")
    await post.settle(courier)
    old = post.find("Approve?")
    post.slack.fail("chat.update", error=error, times=None)
    await post.want("a", "Done", live=live)
    await post.settle(courier)
    assert post.shown() == [f"{ONE_COUNTS}\nDone"]
    assert post.slack.messages(DB_MOVES)[0].ts != old.ts
    methods = [call.method for call in post.slack.calls]
    assert methods == ["chat.postMessage", "chat.update", "chat.postMessage", "chat.delete"]
    assert (await post.row("a"))["state"] == "shown"


async def test_a_card_that_cannot_even_be_removed(post: Stage) -> None:
    """Where the old card stays as it was, the new one says which of them counts."""
    courier = post.courier()
    await post.want("a", "Approve?")
    await post.settle(courier)
    post.slack.fail("chat.update", error="edit_window_closed")
    post.slack.fail("chat.delete", error="cant_delete_message", times=None)
    await post.want("a", "Done")
    await post.settle(courier)
    assert post.shown() == ["Approve?", f"{ONE_COUNTS}\nDone"]
    await post.want("a", "Overtaken")
    await post.settle(courier)
    assert post.shown() == ["Approve?", f"{ONE_COUNTS}\nOvertaken"]


async def test_the_old_card_stays_until_there_is_a_new_one(post: Stage) -> None:
    """A card that is replaced while Slack takes no posts is not taken away before it has a successor."""
    courier = post.courier()
    await post.want("a", "v1")
    await post.settle(courier)
    post.slack.fail("chat.update", error="edit_window_closed")
    post.slack.fail("chat.postMessage", error="org_login_required", times=20)
    await post.want("a", "v2")
    for _ in range(10):
        await courier.run_once()
        assert post.shown() == ["v1"]
        post.clock.advance(60)
    await post.settle(courier)
    assert post.shown() == [f"{ONE_COUNTS}\nv2"]


@pytest.mark.parametrize(
    "how", [{"error": "ratelimited"}, {"how": "lose"}, {"error": "invalid_auth"}], ids=str
)
async def test_a_removal_that_does_not_go_well(post: Stage, how: dict[str, Any]) -> None:
    """Taking away what was replaced is tried until Slack has done it."""
    courier = post.courier()
    await post.want("a", "v1")
    await post.settle(courier)
    post.slack.fail("chat.update", error="cant_update_message")
    post.slack.fail("chat.delete", **how)
    await post.want("a", "v2")
    await post.settle(courier)
    assert [text.splitlines()[-1] for text in post.shown()] == ["v2"]


async def test_slack_fails_to_change_one_message(post: Stage) -> None:
    """A message that Slack fails to change for minutes is replaced; a passing failure is waited for."""
    courier = post.courier()
    await post.want("a", "v1")
    await post.settle(courier)
    post.slack.fail("chat.update", error="update_failed", times=3)
    await post.want("a", "v2")
    await post.settle(courier)
    assert not post.slack.calls_to("chat.delete")
    post.slack.fail("chat.update", error="update_failed", times=None)
    await post.want("a", "v3")
    await post.settle(courier)
    assert post.shown() == [f"{ONE_COUNTS}\nv3"]
    assert len(post.slack.calls_to("chat.delete")) == 1


@pytest.mark.parametrize("error", ["is_archived", "channel_not_found", "not_in_channel"])
async def test_a_channel_that_closed(post: Stage, error: str) -> None:
    """A live message whose channel was closed moves to its next place; what stayed is right once it opens."""
    courier = post.courier()
    for key in ("live", "retired"):
        await post.want(key, f"{key} 1", places=[DB_MOVES, RANDOM])
    await post.settle(courier)
    post.slack.fail("chat.update", error=error, times=None)
    await post.want("live", "live 2", places=[DB_MOVES, RANDOM])
    await post.want("retired", "retired 2", places=[DB_MOVES, RANDOM], live=False)
    for _ in range(3):
        await courier.run_once()
        post.clock.advance(2)
    assert post.shown(RANDOM) == ["live 2"]
    assert post.shown() == ["live 1", "retired 1"]
    post.slack.faults.heal()
    await post.settle(courier)
    assert post.shown(RANDOM) == ["live 2"]
    assert post.shown() == ["live 2", "retired 2"]
    assert not post.refused


@pytest.mark.parametrize("error", [*THREAD_ERRORS, "not_in_channel"])
async def test_a_thread_that_is_lost(post: Stage, error: str) -> None:
    """A reply that cannot be made in its thread is told on its own."""
    courier = post.courier()
    await post.want("a")
    await post.settle(courier)
    post.slack.fail("chat.postMessage", error=error)
    await post.event("told", "a")
    await post.settle(courier)
    assert post.find("told").thread_ts is None


async def test_an_unknown_refusal(post: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """A reason that nobody has heard of is met with patience, then with the next place."""
    monkeypatch.setattr(refusals, "PATIENCE", 12)
    post.slack.fail("chat.postMessage", error="a_new_reason", times=12)
    await post.want("a", places=[RANDOM, DB_MOVES])
    await post.settle(post.courier())
    assert post.shown() == ["a"]
    assert len(post.slack.calls) == 13


def test_how_patient_it_is() -> None:
    """A message whose refusal nobody understands is tried for over a day, at least every five minutes."""
    pacing = Pacing(ManualClock(), Rates(jitter=lambda: 0.0))
    pauses = [pacing.back_off(tries, refusals.LONGEST_PAUSE) for tries in range(1, refusals.PATIENCE)]
    assert sum(pauses) > 24 * 3600
    assert max(pauses) <= 300


async def test_pauses_grow(post: Stage) -> None:
    """What is refused for a reason that nobody knows is tried less and less often, and not given up."""
    post.slack.fail("chat.postMessage", error="a_new_reason", times=None)
    await post.want("a")
    courier, until = post.courier(), post.clock.monotonic() + 1_200
    while post.clock.monotonic() < until:
        await courier.run_once()
        post.clock.advance(courier.pause or 10)
    tried = [call.at for call in post.slack.calls if call.method == "chat.postMessage"]
    pauses = [(later - earlier).total_seconds() for earlier, later in pairwise(tried)]
    assert pauses == sorted(pauses)
    assert pauses[0] < 5
    assert 120 < pauses[-1] <= 310


async def test_a_place_that_opens_again(post: Stage) -> None:
    """A live message that Slack took nowhere is posted once it may be, although nothing has changed since."""
    post.slack.channels[DB_MOVES].archived = True
    courier = post.courier()
    await post.want("a")
    await post.settle(courier)
    assert post.refused == [("a", "is_archived")]
    post.slack.channels[DB_MOVES].archived = False
    post.clock.advance(3590)
    await courier.run_once()
    assert post.shown() == []
    post.clock.advance(10)
    await courier.run_once()
    assert post.shown() == ["a"]
