"""Which active workflows need somebody, how urgently, and why: one rule for every list of them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, IntEnum
from typing import Final

from bot.planetscale.models import Workflow
from bot.workflows.facts.states import AFTER_CUTOVER, COPIED, ENDED, State, state_of
from bot.workflows.facts.traffic import anything_switched
from bot.workflows.facts.verification import DataVerdict, verification
from bot.workflows.observing.happenings import Happening
from bot.workflows.observing.troubles import STREAMS_SHOULD_RUN, said

FINE: Final = "🟢"


class Need(IntEnum):
    """Why somebody should look, the gravest first."""

    BROKEN = 1
    """It is in error, stopped, or in a state that this bot does not know."""
    PERSON = 2
    """A request on it waits for a person."""
    DIFFERS = 3
    """Rows are known to differ."""
    STANDS = 4
    """Something does not get on, or takes long, or its verification says nothing."""
    UNFINISHED = 5
    """It was cut over, and is not completed."""
    STALE = 6
    """What was verified does not count any more."""


SIGNS: Final = {
    Need.BROKEN: "🔴",
    Need.PERSON: "🟠",
    Need.DIFFERS: "🔴",
    Need.STANDS: "🟠",
    Need.UNFINISHED: "🟡",
    Need.STALE: "🟡",
}


class Waits(Enum):
    """For what a request on the workflow waits."""

    APPROVAL = "waits for approval"
    OUTCOME = "somebody must say what happened"


@dataclass(frozen=True, slots=True)
class Beside:
    """What the bot knows of a workflow beside what was read."""

    waits: Waits | None = None
    lasts: frozenset[Happening] = frozenset()
    """What has been so for longer than it should be."""


@dataclass(frozen=True, slots=True)
class Attention:
    """Why somebody should look at a workflow."""

    need: Need
    said: str | None = None
    """A few words, where its state does not say it by itself."""

    @property
    def sign(self) -> str:
        """A coloured sign; the words beside it say the same."""
        return SIGNS[self.need]


NOTHING: Final = Beside()
_LASTING: Final = {
    Happening.MOVING_LONG: "takes long",
    Happening.CANCELLING_LONG: "takes long",
    Happening.STANDING: "stands still",
    Happening.VERIFICATION_STANDS: "the verification stands still",
    Happening.THROTTLED_LONG: "throttled for hours",
    Happening.INDEXING_LONG: "builds indexes for hours",
}
_SAYS_IT_ITSELF: Final = COPIED
"""In these states the headline is the verdict of the verification."""


def attention(
    workflow: Workflow, now: datetime, beside: Beside = NOTHING, *, in_detail: bool = True
) -> Attention | None:
    """The gravest reason to look at `workflow` at the moment `now`; `None` where it needs nobody.

    `in_detail` is false for an entry of a list: what that does not carry is no reason.
    """
    if state_of(workflow.state) in ENDED:
        return None
    found = [*_of_state(workflow), *_of_the_bot(beside), *_of_data(workflow, now, in_detail=in_detail)]
    return min(found, key=lambda one: one.need, default=None)


def _of_state(workflow: Workflow) -> Iterator[Attention]:
    match state_of(workflow.state):
        case None | State.ERROR | State.STOPPED:
            yield Attention(Need.BROKEN)
        case State.CUTOVER:
            yield Attention(Need.UNFINISHED, "to be completed")
        case State.REVERSED_CUTOVER:
            yield Attention(Need.UNFINISHED, "to be cut over again")
        case state if state in STREAMS_SHOULD_RUN and said(workflow):
            yield Attention(Need.STANDS, "an error is reported")


def _of_the_bot(beside: Beside) -> Iterator[Attention]:
    if beside.waits:
        yield Attention(Need.PERSON, beside.waits.value)
    for what, words in _LASTING.items():
        if what in beside.lasts:
            yield Attention(Need.STANDS, words)


def _of_data(workflow: Workflow, now: datetime, *, in_detail: bool) -> Iterator[Attention]:
    """What the last verification leaves to be done; after the cutover there is nothing left to compare."""
    state = state_of(workflow.state)
    if state in AFTER_CUTOVER or state is State.VERIFYING_DATA:
        return
    verdict = verification(workflow, now).verdict
    if verdict is DataVerdict.DIFFERS:
        yield Attention(Need.DIFFERS, None if state in COPIED else "data differs")
    if state not in COPIED or anything_switched(workflow):
        return
    if verdict is DataVerdict.STALE or verdict is DataVerdict.OUTDATED:
        yield Attention(Need.STALE)
    elif verdict is DataVerdict.BROKE_OFF or (verdict is DataVerdict.NO_REPORT and in_detail):
        yield Attention(Need.STANDS)
    elif workflow.verified_data_stale:
        yield Attention(Need.STALE)
