"""The bot is killed with -9 at every step between a command and its end, started again, and compared.

The people around it live on: who is told by Slack that something failed does it again, as people do.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import repeat
from pathlib import Path
from typing import Any

import pytest

from bot.demo.planetscale.troubles import MUTATION
from bot.demo.planetscale.world import Mutation
from bot.operations import intake
from bot.operations.events import Event
from bot.operations.model import State
from bot.operations.steps.decision import Decider
from bot.operations.steps.expiry import Expirer
from bot.operations.steps.preflight import Preparer
from bot.operations.steps.readback import Readback
from bot.operations.steps.recounting import Recounter
from bot.operations.steps.sending import RequestSender
from bot.slack.delivery.deliveries import Deliveries
from bot.slack.handlers.button_presses import _take as take_press
from bot.store import outbox
from tests.crash.fuse import Change, Fate, FirstByte, Kill, Leaving, SlackCall, Transaction, When
from tests.crash.plays import (
    CANCELLED,
    CREATED,
    DATABASE,
    DENIED,
    EXPIRED,
    MINUTE,
    NOT_SENT,
    NUMBER,
    REVERSED,
    SENT_AGAIN,
    SWITCHED,
    TOO_LATE,
    VERIFYING,
    Play,
    cancel,
    create,
    deny,
    ignore,
    leave,
    reverse,
    switch,
    switch_on_a_copy,
    verify,
)
from tests.crash.proof import End, prove
from tests.crash.stage import Stage, open_stage

BEFORE, INSIDE, AFTER = When.BEFORE, When.INSIDE, When.AFTER
LATE = 30
"""Seconds after the bot's death at which a request that was on its way is taken."""
QUIET = 10
"""Steps after the end in which nothing more may happen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One step at which the bot dies."""

    name: str
    what: str
    kill: Kill | None
    """`None`: it dies from outside, as soon as PlanetScale's `trouble` struck its request."""
    trouble: str | None = None
    """What PlanetScale does with the request, see `bot.demo.planetscale.troubles`."""
    play: Play = switch
    end: End = SWITCHED
    late: bool = False
    """The request was on its way when the bot died: PlanetScale takes it later."""
    settings: Mapping[str, str] = field(default_factory=dict)


MATRIX = (
    # a command
    Point(
        name="command-came",
        what="A command came and was not written down: Ana is told that it failed, and types it again.",
        kill=Transaction(when=BEFORE, of=intake.take),
    ),
    Point(
        name="command-not-committed",
        what="Its row is written and not committed: nothing was done, and Ana types it again.",
        kill=Transaction(when=INSIDE, of=intake.take),
    ),
    Point(
        name="command-not-acknowledged",
        what="Its row is committed and Ana is told that it failed: what she types again is a twin, and ends.",
        kill=Transaction(when=AFTER, of=intake.take),
    ),
    Point(
        name="command-acknowledged",
        what="It was acknowledged, and nobody has looked at it: the next start goes on with it.",
        kill=SlackCall(when=BEFORE, name="users.info"),
    ),
    Point(
        name="checks-read",
        what="The checks were read and nothing is committed: they are read again.",
        kill=Transaction(when=BEFORE, of=Preparer._opened),
    ),
    Point(
        name="waiting-not-committed",
        what="Waiting, its card and its replies are written and not committed: all or nothing.",
        kill=Transaction(when=INSIDE, of=Preparer._opened),
        play=cancel,
        end=CANCELLED,
    ),
    # the card
    Point(
        name="waiting",
        what="Waiting is committed and its card is not on its way: the next start posts it.",
        kill=Transaction(when=AFTER, of=Preparer._opened),
    ),
    Point(
        name="card-about-to-be-posted",
        what="The card is marked as being posted and was not: it is looked for, not found, and posted.",
        kill=SlackCall(when=BEFORE, name="chat.postMessage", nth=2),
    ),
    Point(
        name="card-posted",
        what="Slack has the card and the bot does not know: it is found again in the channel's history.",
        kill=SlackCall(when=AFTER, name="chat.postMessage", nth=2),
    ),
    Point(
        name="card-not-to-be-found",
        what="The same, and the bot may not read the history: a second one, and a press redraws both.",
        kill=SlackCall(when=AFTER, name="chat.postMessage", nth=2),
        play=switch_on_a_copy,
        end=replace(SWITCHED, cards=2),
    ),
    Point(
        name="card-not-recorded",
        what="Its ts is written and not committed: the same.",
        kill=Transaction(when=INSIDE, of=Deliveries._posted, about=":card"),
    ),
    Point(
        name="thread-not-begun",
        what="The card stands and the list of what is deleted does not: it follows, in the card's thread.",
        kill=Transaction(when=AFTER, of=Deliveries._posted, about=":card"),
        play=cancel,
        end=CANCELLED,
    ),
    Point(
        name="reply-posted",
        what="Slack has the list of what is deleted and the bot does not know: it is found in the thread.",
        kill=SlackCall(when=AFTER, name="chat.postMessage", nth=3),
        play=cancel,
        end=CANCELLED,
    ),
    # a press
    Point(
        name="press-came",
        what="A press came and was not written down: Ben sees that it failed, and presses again.",
        kill=Transaction(when=BEFORE, of=take_press),
    ),
    Point(
        name="press-not-acknowledged",
        what="A press is written down and Ben sees that it failed: however often he presses, it counts once.",
        kill=Transaction(when=AFTER, of=take_press),
    ),
    Point(
        name="press-acknowledged",
        what="A press was acknowledged, and Slack is about to be asked who that is: it is decided later.",
        kill=SlackCall(when=BEFORE, name="users.info", nth=2),
    ),
    Point(
        name="press-not-decided",
        what="The decision is written and not committed: it is made again.",
        kill=Transaction(when=INSIDE, of=Decider._settled),
    ),
    # who counts
    Point(
        name="approval-dropped",
        what="It waits again, and the card still says that it is approved: the next start redraws it.",
        kill=Transaction(when=AFTER, of=Recounter._follow),
        play=leave,
        end=SENT_AGAIN,
    ),
    # sending
    Point(
        name="ready",
        what="Approved, and nobody has claimed it: it is sent by the next start, within its five minutes.",
        kill=Transaction(when=AFTER, of=Decider._settled, reaching=State.READY),
    ),
    Point(
        name="checked-again",
        what="Checked again and not claimed: it is checked once more.",
        kill=Transaction(when=BEFORE, of=RequestSender._committed),
    ),
    Point(
        name="not-connected",
        what="It may be sent by the budget, and is not claimed: it is checked and sent by the next start.",
        kill=Change(when=BEFORE),
    ),
    Point(
        name="connected",
        what="The connection is open and nothing is claimed: nothing was sent, and it is sent later.",
        kill=Leaving(when=BEFORE),
    ),
    Point(
        name="claim-not-committed",
        what="The claim and the request to come are written and not committed: certainly nothing was sent.",
        kill=Transaction(when=INSIDE, of=RequestSender._committed),
    ),
    Point(
        name="sending",
        what="Sending is committed and the request has not left: nobody knows, so it is read and never sent.",
        kill=Transaction(when=AFTER, of=RequestSender._committed),
        end=NOT_SENT,
    ),
    Point(
        name="looked-once-more",
        what="The clocks were looked at and the first byte has not left: nobody knows, the same.",
        kill=FirstByte(when=BEFORE),
        end=NOT_SENT,
    ),
    Point(
        name="first-byte",
        what="The request left, and nobody knows more: it is read, never sent again.",
        kill=FirstByte(when=AFTER),
        play=cancel,
        end=CANCELLED,
    ),
    Point(
        name="request-on-its-way",
        what="The same, and the request was on its way: what it does later is seen, and told.",
        kill=FirstByte(when=BEFORE),
        end=replace(SWITCHED, requests=0, told=(Event.UNKNOWN, Event.RESOLVED)),
        late=True,
    ),
    Point(
        name="request-taken",
        what="PlanetScale took the request and its answer is not there: it is read, never sent again.",
        kill=None,
        trouble="silent",
    ),
    Point(
        name="create-taken",
        what="PlanetScale took a create and its answer is not there: it is looked for, not created twice.",
        kill=None,
        trouble="silent",
        play=create,
        end=CREATED,
    ),
    Point(
        name="answer-came",
        what="The answer came and is not recorded: it is read, never sent again.",
        kill=Change(when=AFTER),
    ),
    Point(
        name="refusal-came",
        what="PlanetScale refused and that is not recorded: it is read, and told as what did not happen.",
        kill=Change(when=AFTER),
        trouble="refuse",
        end=replace(NOT_SENT, requests=1),
    ),
    Point(
        name="too-many-requests",
        what="PlanetScale certainly did not take it (429), which is recorded: the next start sends it again.",
        kill=Transaction(when=AFTER, of=RequestSender._not_sent),
        trouble="rate-limited",
        end=replace(SWITCHED, requests=2),
    ),
    Point(
        name="answer-not-committed",
        what="The answer is written and not committed: the same.",
        kill=Transaction(when=INSIDE, of=Readback._answered),
    ),
    Point(
        name="answer-recorded",
        what="The answer is recorded, and nothing follows from it yet: the next start reads on.",
        kill=Transaction(when=BEFORE, of=Readback._concluded),
    ),
    # reading back
    Point(
        name="under-way",
        what="PlanetScale is at work, between two reads: the next start reads on.",
        kill=Transaction(when=AFTER, of=Readback._concluded, reaching=State.UNDER_WAY),
    ),
    Point(
        name="end-not-committed",
        what="The end is written and not committed: it is read once more, and told once.",
        kill=Transaction(when=INSIDE, of=Readback._concluded, reaching=State.SUCCEEDED),
    ),
    Point(
        name="end-recorded",
        what="The end is recorded and the card does not show it: the next start redraws it and tells it.",
        kill=Transaction(when=AFTER, of=Readback._concluded, reaching=State.SUCCEEDED),
    ),
    Point(
        name="card-redrawn",
        what="Slack shows the end and the bot does not know: the same card is redrawn once more.",
        kill=Transaction(when=BEFORE, of=outbox.shown, about=":card"),
    ),
    Point(
        name="end-told",
        what="Slack has the message about the end and the bot does not know: it is found, not told twice.",
        kill=Transaction(when=BEFORE, of=Deliveries._posted, about=":succeeded"),
    ),
    # other ends, and other ways there
    Point(
        name="reminded",
        what="The reminder is on the board and not in Slack: it is told once.",
        kill=Transaction(when=AFTER, of=Expirer._reminded),
        play=ignore,
        end=EXPIRED,
        settings=MINUTE,
    ),
    Point(
        name="expiring",
        what="The expiry is written and not committed: it expires at the next start.",
        kill=Transaction(when=INSIDE, of=Expirer._expired),
        play=ignore,
        end=EXPIRED,
        settings=MINUTE,
    ),
    Point(
        name="expired",
        what="It expired and its card still has buttons: the next start takes them away.",
        kill=Transaction(when=AFTER, of=Expirer._expired),
        play=ignore,
        end=EXPIRED,
        settings=MINUTE,
    ),
    Point(
        name="denied",
        what="It was denied and its card still has buttons: the next start takes them away, and tells Ana.",
        kill=Transaction(when=AFTER, of=Decider._settled, reaching=State.DENIED),
        play=deny,
        end=DENIED,
    ),
    Point(
        name="denial-told",
        what="Slack has the message about the denial and the bot does not know: it is not told twice.",
        kill=Transaction(when=BEFORE, of=Deliveries._posted, about=":denied"),
        play=deny,
        end=DENIED,
    ),
    Point(
        name="question-not-asked",
        what="A way back waits for a question that Ana has not been shown: the next start asks her.",
        kill=Transaction(when=AFTER, of=Preparer._opened),
        play=reverse,
        end=REVERSED,
    ),
    Point(
        name="confirmed",
        what="Ana's own confirmation counted and nothing is sent: the next start sends it.",
        kill=Transaction(when=AFTER, of=Decider._settled, reaching=State.READY),
        play=reverse,
        end=REVERSED,
    ),
    Point(
        name="nobody-needed",
        what="Ready at once, because nobody is needed, and not claimed: the next start sends it.",
        kill=Transaction(when=AFTER, of=Preparer._opened),
        play=verify,
        end=VERIFYING,
    ),
)


SLOWLY_CANCELLED = replace(CANCELLED, told=(*CANCELLED.told, Event.SLOW))
STOPS = (
    Point(
        name="stopped-before-the-connection",
        what="Stopped for 315 s with an approval, it wakes up too late, and says so.",
        kill=Change(when=BEFORE),
        end=TOO_LATE,
    ),
    Point(
        name="stopped-before-the-claim",
        what="Stopped over an open connection: the same.",
        kill=Leaving(when=BEFORE),
        end=TOO_LATE,
    ),
    Point(
        name="stopped-in-the-claim",
        what="Stopped in the middle of the claim: the same.",
        kill=Transaction(when=INSIDE, of=RequestSender._committed),
        end=TOO_LATE,
    ),
    Point(
        name="stopped-before-the-last-look",
        what="Stopped after the claim, it looks at the clocks once more: the same.",
        kill=Transaction(when=AFTER, of=RequestSender._committed),
        end=TOO_LATE,
    ),
    Point(
        name="stopped-before-the-first-byte",
        what="Stopped where nothing of the bot's own comes before the request: it leaves, once, as its own.",
        kill=FirstByte(when=BEFORE),
        end=SLOWLY_CANCELLED,
    ),
    Point(
        name="stopped-before-the-answer",
        what="Stopped while the request is under way: the answer is taken, and it is read back.",
        kill=FirstByte(when=AFTER),
        end=SLOWLY_CANCELLED,
    ),
)


# Not among them: "too-many-requests". A 429 closes the count that all processes share by PostgreSQL's own
# clock, and these tests' time runs ahead of that; `tests/planetscale/test_shared_budget.py` has it.
ON_BOTH = frozenset(
    {
        # what the session of a process leaves behind that is dead or stands still: locks, half a transaction
        "command-not-committed",
        "waiting-not-committed",
        "press-not-decided",
        "claim-not-committed",
        "answer-not-committed",
        "end-not-committed",
        "expiring",
        "stopped-in-the-claim",
        # what only time tells of there: another process may be at work on it
        "command-acknowledged",
        "card-posted",
        "sending",
        "first-byte",
        "request-taken",
        "stopped-before-the-last-look",
        "stopped-before-the-answer",
        # what is delivered again, to whichever process
        "command-not-acknowledged",
        "press-not-acknowledged",
    }
)
"""The points at which the two databases differ; all others are the same code on the same rows."""


def _on_both(points: tuple[Point, ...]) -> list[Any]:
    return [
        pytest.param(point, database, id=f"{point.name}-{database}")
        for point in points
        for database in ("sqlite", "postgresql")
        if database == "sqlite" or point.name in ON_BOTH
    ]


@pytest.mark.parametrize(("point", "database_url"), _on_both(STOPS), indirect=["database_url"])
async def test_stopped_at(point: Point, database_url: str, tmp_path: Path) -> None:
    """Wherever it is stopped for longer than an approval lasts: nothing leaves that it can still hold."""
    async with open_stage(tmp_path, database_url) as stage:
        stage.fate, stage.stopped_for = Fate.STOPS, 315.0
        _arrange(stage, point)
        await cancel(stage)
        await stage.until_settled()
        await stage.idle(QUIET)
        assert (stage.deaths, stage.stops) == (0, 1)
        await prove(stage, point.end)


@pytest.mark.parametrize(("point", "database_url"), _on_both(MATRIX), indirect=["database_url"])
async def test_killed_at(point: Point, database_url: str, tmp_path: Path) -> None:
    """Wherever it dies: at most one request takes effect, one card shows the end, everything is told once."""
    async with open_stage(tmp_path, database_url, **point.settings) as stage:
        _arrange(stage, point)
        await point.play(stage)
        await stage.until_settled()
        await stage.idle(QUIET)
        assert stage.deaths == 1
        await prove(stage, point.end)


def _arrange(stage: Stage, point: Point) -> None:
    trouble = stage.planetscale.trouble(point.trouble, on=MUTATION) if point.trouble else None
    if point.kill:
        stage.die_at(iter([point.kill]))
    elif trouble:
        stage.die_while(trouble)
    if point.late:
        stage.after_death = lambda: _take_later(stage)


def _take_later(stage: Stage) -> None:
    simulator = stage.planetscale
    change = partial(simulator.act, DATABASE, NUMBER, Mutation.SWITCH_REPLICAS, simulator.actor)
    simulator.later(LATE, lambda at: _ignore(change(at)))


def _ignore(_: object) -> None:
    """Nobody is there to read the answer."""


async def test_killed_again_and_again(database_url: str, tmp_path: Path) -> None:
    """A bot that dies after every few transactions still gets there, sends once and tells everything once."""
    async with open_stage(tmp_path, database_url) as stage:
        stage.die_at(repeat(Transaction(when=AFTER, nth=6)))
        await cancel(stage)
        await stage.until_settled()
        assert stage.deaths > 3
        sent = any(request.method != "GET" for request in stage.planetscale.requests)
        not_sent = replace(NOT_SENT, told=(Event.TABLES, *NOT_SENT.told))
        await prove(stage, CANCELLED if sent else not_sent)
