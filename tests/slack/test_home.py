"""The App Home: right when it is opened, and kept right for whoever has it open, within Slack's rates."""

import asyncio
from collections.abc import AsyncIterator, Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from bot.demo.slack.people import ANA, BEN, CHIOMA, DBAS, DEE, GIL, OLU
from bot.operations.model import State
from bot.planetscale.models import Workflow
from bot.slack.cards.answers.brief_answers import not_a_member_card, not_a_reader_card, who_are_you_card
from bot.slack.home.home_drawing import RATES
from bot.store.errors import DatabaseUnavailableError
from tests.builders import copying
from tests.slack.cards.stories import COPIED, COPYING, now_in
from tests.slack.courier_stage import StillClock, copy_of
from tests.slack.home_stage import HomeStage, open_home_stage

REFUSED = not_a_member_card().plain
CARD = "Switch replica reads · shop #3 orders-to-customer"


@pytest.fixture
def sqlite(sqlite_template: Path, tmp_path: Path) -> str:
    return copy_of(sqlite_template, tmp_path)


@pytest.fixture
async def stage(sqlite: str) -> AsyncIterator[HomeStage]:
    async with open_home_stage(sqlite) as opened:
        yield opened


def busiest(times: list[float]) -> int:
    """The most that ever fell into 60 s."""
    return max((sum(start <= one < start + 60 for one in times) for start in times), default=0)


def a_copy(rows: int) -> Workflow:
    return copying({"name": "orders", "rows_copied": rows * 1_000_000, "rows_total": 620_000_000})


async def test_it_is_right_when_it_is_opened(database_url: str) -> None:
    """Whoever opens Home reads what is so at that moment, each person their own, on either database."""
    async with open_home_stage(database_url) as stage:
        await stage.asked()
        await stage.watched(COPYING)
        await stage.open(BEN)
        await stage.open(ANA)
        ben, ana = stage.reads(BEN), stage.reads(ANA)
    assert ben.startswith(f"Waits for you · 1\n{CARD}\nWaiting for 1 approval")
    assert "You asked for\nNothing in the last day." in ben
    assert "Active workflows · 1\n🟠 Copying · about 40 % · waits for approval · shop #3" in ben
    assert ana.startswith("Waits for you\nNothing waits for you.")
    assert f"You asked for · 1\n{CARD}\nWaiting for 1 approval" in ana


async def test_who_sees_nothing(stage: HomeStage) -> None:
    """Guests, people of other companies and those who left read one sentence, also when they come again."""
    await stage.asked()
    for user in (GIL, OLU, DEE):
        await stage.open(user)
        await stage.open(user)
        assert stage.reads(user) == REFUSED
    assert len(stage.drawn()) == 3


async def test_events_that_are_not_for_home(stage: HomeStage) -> None:
    """The Messages tab, another workspace and what makes no sense draw nothing and ask nothing of Slack."""
    await stage.open(BEN, tab="messages")
    odd: list[dict[str, Any]] = [
        {},
        {"team_id": "T0OTHER", "event": {"user": BEN, "tab": "home"}},
        {"team_id": None, "event": {"user": BEN, "tab": "home"}},
        {"event": "app_home_opened"},
        {"team_id": "T0ACME", "event": {"user": None, "tab": "home"}},
        {"event": {"user": [], "tab": "home"}},
    ]
    for body in odd:
        stage.homes.opened(body)
    await stage.tasks.idle()
    assert stage.post.slack.calls == []


async def test_the_same_event_again(stage: HomeStage) -> None:
    """An event that is delivered three times, even at the same moment, draws a Home once."""
    body = {"team_id": "T0ACME", "event": {"user": BEN, "tab": "home"}}
    for _ in range(3):
        stage.homes.opened(body)
    await stage.tasks.idle()
    assert len(stage.drawn()) == 1


async def test_opened_again(stage: HomeStage) -> None:
    """A Home that is opened again later says as of when it is right, though nothing has changed."""
    await stage.open(BEN)
    stage.post.clock.advance(300)
    await stage.open(BEN)
    assert "As of 02:19" in stage.post.slack.visible_text(stage.post.slack.world.homes[BEN])


async def test_it_is_kept_right(stage: HomeStage) -> None:
    """What changes while somebody has it open changes there by itself, in no more than 20 s."""
    await stage.open(BEN)
    await stage.asked()
    await stage.pass_time(20)
    assert "Waits for you · 1" in stage.reads(BEN)
    await stage.moved("op1", State.DENIED)
    await stage.pass_time(20)
    assert "Nothing waits for you." in stage.reads(BEN)
    assert f"Lately\n{CARD}" in stage.reads(BEN)


async def test_many_changes_are_one(stage: HomeStage) -> None:
    """However often something changes, one Home is redrawn every 10 s at most, and shows the latest."""
    await stage.open(BEN)
    for number in range(40):
        await stage.asked(f"op{number}")
        await stage.pass_time(1)
    times = stage.drawn(BEN)
    assert all(later - earlier >= 10 for earlier, later in pairwise(times))
    assert len(times) == 5
    await stage.pass_time(20)
    assert "Waits for you · 40" in stage.reads(BEN)


async def test_nothing_is_sent_while_nothing_changes(stage: HomeStage) -> None:
    """A Home that is open while nothing happens costs no call to Slack."""
    await stage.asked()
    await stage.open(BEN)
    before = len(stage.post.slack.calls)
    await stage.pass_time(600, step=5)
    assert len(stage.post.slack.calls) == before


async def test_numbers_that_move(stage: HomeStage) -> None:
    """A copy that goes on is redrawn about once a minute; a new state within 20 s."""
    await stage.watched(a_copy(100))
    await stage.open(BEN)
    for rows in range(100, 400):
        await stage.watched(a_copy(rows))
        await stage.pass_time(1)
    assert 5 <= len(stage.drawn(BEN)) <= 6
    await stage.watched(now_in(COPIED, "verifying_data"))
    await stage.pass_time(20)
    assert "Verifying" in stage.reads(BEN)


async def test_for_half_an_hour(stage: HomeStage) -> None:
    """Half an hour after it was opened last, a Home is not kept any more; opening it begins anew."""
    await stage.open(BEN)
    await stage.pass_time(1_800, step=30)
    await stage.asked()
    await stage.pass_time(60)
    assert "Nothing waits for you." in stage.reads(BEN)
    await stage.open(BEN)
    assert "Waits for you · 1" in stage.reads(BEN)


async def test_who_may_approve(stage: HomeStage) -> None:
    """Only what I could approve waits for me: I am named, or my group is, and I have not approved it yet."""
    await stage.asked("op1", approvers=(DBAS,), required=2)
    await stage.asked("op2", approvers=(CHIOMA,))
    await stage.open(BEN)
    await stage.open(CHIOMA)
    assert "Waits for you · 1" in stage.reads(BEN)
    assert "Waits for you · 2" in stage.reads(CHIOMA)
    await stage.approved("op1", BEN)
    await stage.pass_time(20)
    assert "Nothing waits for you." in stage.reads(BEN)


async def test_a_group_that_slack_does_not_tell(stage: HomeStage) -> None:
    """Where Slack does not say who is in a group, a Home shows less, not an error."""
    await stage.asked("op1", approvers=(DBAS,))
    await stage.asked("op2")
    stage.post.slack.fail("usergroups.users.list", error="no_such_subteam", times=None)
    await stage.open(BEN)
    assert "Waits for you · 1" in stage.reads(BEN)


async def test_a_request_is_shown_or_counted_in_one_place(stage: HomeStage) -> None:
    """My requests beyond those that are shown as mine stand under what was done lately; what was blocked at
    once is counted nowhere."""
    for number in range(8):
        await stage.asked(f"op{number}")
        await stage.moved(f"op{number}", State.DENIED)
    await stage.asked("typo")
    await stage.moved("typo", State.BLOCKED)
    await stage.open(ANA)
    mine, _, lately = stage.reads(ANA).partition("Lately")
    assert "You asked for · 8" in mine
    assert "and 3 more: /workflow history shop" in mine
    assert lately.count("Switch replica reads · shop #3") == 3


async def test_databases_that_i_may_not_ask_about(sqlite: str) -> None:
    """Where the policy names who may ask about a database, nobody else sees anything of it."""
    policy = f'[[database]]\nmatch = "secret*"\nrequesters = ["{ANA}"]\n'
    async with open_home_stage(sqlite, policy) as stage:
        await stage.asked("op1", database="secret-db")
        await stage.watched(COPYING, database="secret-db")
        for user in (ANA, BEN):
            await stage.open(user)
        assert "secret-db" in stage.reads(ANA)
        assert "secret-db" not in stage.reads(BEN)


async def test_whom_the_policy_does_not_let_ask(sqlite: str) -> None:
    """Whoever may ask no questions reads nothing in Home either."""
    policy = f'[approvals]\nrequesters = ["{ANA}", "{CHIOMA}"]\n'
    async with open_home_stage(sqlite, policy) as stage:
        await stage.asked()
        await stage.open(BEN)
        assert stage.reads(BEN) == not_a_reader_card().plain


async def test_a_role_that_was_taken_away(stage: HomeStage) -> None:
    """Before anything new is shown, Slack is asked who that is: a member who became a guest sees no more."""
    await stage.open(BEN)
    stage.change(BEN, restricted=True)
    await stage.asked()
    await stage.pass_time(20)
    assert stage.reads(BEN) == REFUSED
    await stage.moved("op1", State.DENIED)
    await stage.pass_time(60)
    assert stage.reads(BEN) == REFUSED


async def test_slack_cannot_say_who_it_is(stage: HomeStage) -> None:
    """A Home that was opened while Slack did not know its own people is drawn as soon as it does."""
    stage.post.slack.fail("users.info", error="fatal_error")
    await stage.open(BEN)
    assert stage.reads(BEN) == who_are_you_card().plain
    await stage.pass_time(15)
    assert stage.reads(BEN).startswith("Waits for you")


async def test_retry_after_is_obeyed(stage: HomeStage) -> None:
    """Slack's Retry-After holds all Homes back; afterwards each is drawn."""
    stage.post.slack.slow_down("views.publish", retry_after=30)
    await stage.open(BEN)
    await stage.open(CHIOMA)
    await stage.pass_time(29)
    assert stage.drawn() == []
    assert stage.homes.failures == 1
    await stage.pass_time(3)
    assert stage.reads(BEN) == stage.reads(CHIOMA) != ""


@pytest.mark.parametrize("how", [{"status": 503}, {"how": "garbage"}, {"how": "lose"}])
async def test_slack_fails(stage: HomeStage, how: dict[str, Any]) -> None:
    """What Slack does not take is counted and drawn a little later."""
    stage.post.slack.fail("views.publish", **how)
    await stage.open(BEN)
    assert stage.homes.failures == 1
    await stage.pass_time(5)
    assert stage.reads(BEN).startswith("Waits for you")
    assert stage.homes.failures == 1


async def test_what_slack_refuses_for_good(stage: HomeStage) -> None:
    """What Slack refuses is not sent again and again, only when there is something else to show."""
    stage.post.slack.fail("views.publish", error="invalid_blocks")
    await stage.open(BEN)
    await stage.pass_time(60)
    assert len(stage.post.slack.calls_to("views.publish")) == 1
    await stage.asked()
    await stage.pass_time(20)
    assert "Waits for you · 1" in stage.reads(BEN)


async def test_without_the_database(stage: HomeStage, monkeypatch: pytest.MonkeyPatch) -> None:
    """A database that fails for a while delays Homes and ends nothing."""
    await stage.open(BEN)

    async def down(*_args: Any, **_more: Any) -> None:
        raise DatabaseUnavailableError("no")

    with monkeypatch.context() as broken:
        broken.setattr(stage.post.database, "read", down)
        await stage.open(CHIOMA)
        await stage.pass_time(15)
    assert stage.homes.failures > 0
    await stage.asked()
    await stage.pass_time(30)
    assert "Waits for you · 1" in stage.reads(BEN)
    assert "Waits for you · 1" in stage.reads(CHIOMA)


async def test_many_people_have_it_open(stage: HomeStage) -> None:
    """With 25 Homes open at most 20 are redrawn in a minute, each at most every 10 s; soon all are right."""
    people = stage.crowd(25)
    for user in people:
        await stage.open(user)
    assert len(stage.drawn()) == 25
    await stage.pass_time(60, step=10)
    since = stage.post.clock.monotonic()
    for moment in range(75):
        await stage.watched(a_copy(100 + moment))
        if moment % 25 == 0:
            await stage.asked(f"op{moment}")
        await stage.pass_time(2, step=2)
    kept = [at for at in stage.drawn() if at > since]
    assert len(kept) > 40
    assert busiest(kept) <= 20
    for user in people:
        own = stage.drawn(user)
        assert all(later - earlier >= 10 for earlier, later in pairwise(own))
    await stage.pass_time(90, step=10)
    assert all("Waits for you · 3" in stage.reads(user) for user in people)


async def test_what_is_opened_goes_ahead(stage: HomeStage) -> None:
    """Whoever opens Home gets it at once, however many are being kept right."""
    people = stage.crowd(50)
    for user in people:
        await stage.open(user)
    stage.post.clock.advance(61)
    await stage.asked()
    await stage.homes.run_once()
    assert len([at for at in stage.drawn() if at > 60]) == 20
    await stage.open(BEN)
    assert "Waits for you · 1" in stage.reads(BEN)


async def test_very_many_open_it_at_once(stage: HomeStage) -> None:
    """Beyond 60 in a minute whoever opens Home waits a little, and nobody is forgotten."""
    people = stage.crowd(90)
    for user in people:
        await stage.open(user)
    assert len(stage.drawn()) == RATES.updates_a_minute == 60
    await stage.pass_time(70)
    assert len(stage.drawn()) == 90
    assert busiest(stage.drawn()) <= 60


async def test_a_thousand_watches(stage: HomeStage) -> None:
    """With a thousand watched workflows, those that move stand first, and the rest is counted."""
    for number in range(1_000):
        database = f"db{number % 7}"
        seen = COPYING if number == 700 else COPIED
        await stage.watched(seen.model_copy(update={"number": number}), number, database)
    await stage.open(BEN)
    home = stage.reads(BEN)
    assert "Active workflows · 1000\nCopying · about 40 % · db0 #700" in home
    assert "and 143 more in db1: /workflow list db1" in home
    assert "more in 4 other databases" in home


async def test_workflows_that_have_ended_do_not_run(stage: HomeStage) -> None:
    """A workflow that is completed and still watched for a while is not among those that run."""
    await stage.watched(now_in(COPIED, "completed"))
    await stage.open(BEN)
    assert "Active workflows\nNone is watched." in stage.reads(BEN)


async def test_the_number_counts_what_the_list_counts(stage: HomeStage) -> None:
    """However many have ended lately, the number is that of what is shown and said to be left."""
    for number in range(1, 51):
        seen = COPIED if number % 5 == 0 else now_in(COPIED, "completed")
        await stage.watched(seen.model_copy(update={"number": number}), number)
    await stage.open(BEN)
    home = stage.reads(BEN)
    assert "Active workflows · 10\n" in home
    assert home.count("verified clean · shop #") == 10
    assert "more in shop" not in home


async def test_after_a_restart(stage: HomeStage) -> None:
    """A new process draws a Home as soon as it is opened again."""
    await stage.open(BEN)
    await stage.asked()
    again = stage.another()
    await again.pass_time(30)
    assert "Nothing waits for you." in again.reads(BEN)
    await again.open(BEN)
    assert "Waits for you · 1" in again.reads(BEN)


async def test_two_processes(stage: HomeStage) -> None:
    """Each process keeps the Homes that were opened there, whichever of them changed something."""
    other = stage.another()
    await stage.open(BEN)
    await other.open(CHIOMA)
    await stage.asked()
    stage.post.clock.advance(20)
    await stage.homes.run_once()
    await other.homes.run_once()
    assert "Waits for you · 1" in stage.reads(BEN)
    assert "Waits for you · 1" in stage.reads(CHIOMA)


async def test_it_runs_until_told_to_stop(stage: HomeStage) -> None:
    """The loop keeps Homes right as time passes, and ends when it is told to."""
    stop = asyncio.Event()
    await stage.open(BEN)
    await stage.asked()
    running = asyncio.create_task(stage.homes.run(stop))
    await until(lambda: "Waits for you · 1" in stage.reads(BEN))
    stop.set()
    await running


async def test_it_is_woken(sqlite: str) -> None:
    """What changes on the board is drawn without waiting for the next sweep."""
    clock, stop = StillClock(), asyncio.Event()
    async with open_home_stage(sqlite, clock=clock) as stage:
        await stage.open(BEN)
        running = asyncio.create_task(stage.homes.run(stop))
        await clock.asleep.wait()
        await stage.asked()
        clock.advance(11)
        stage.homes.wake()
        await until(lambda: "Waits for you · 1" in stage.reads(BEN))
        stop.set()
        await running


async def until(so: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not so():  # noqa: ASYNC110 - the small Slack tells nobody
            await asyncio.sleep(0)
