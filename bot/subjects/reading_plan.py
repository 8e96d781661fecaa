"""What follows from several reads of a subject after an action was sent: read on, or an end.

- While the answer is still awaited only a proof counts: that it happened, or that it was under way and is not
  any more. All else waits for the answer, for the request may still be held somewhere.
- Happened, failed and conflicting are concluded from one read. Under way is read on for as long as it lasts.
- A subject that is where it was is *not seen to happen* only once three reads over two minutes, all of them
  after the answer or its time-out, show the same state: a timed-out request can land late.
- The same after PlanetScale took the request (it answered 200, or the evidence changed) is *broke off*. That
  needs no patience once the action was seen under way: it was taken, and went back. An error after the
  request was taken is the same end, whatever the evidence says.
- PlanetScale's refusal stands as soon as one read shows that nothing changed: Vitess can answer with an error
  after traffic moved.
- Reads that give no verdict neither count nor break a row of equal ones; fifteen minutes of them need a
  person.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from bot.subjects.verdicts import NO_VERDICT, Proof, Verdict

UNCHANGED_READS = 3
UNCHANGED_FOR = timedelta(seconds=120)
SILENT_FOR = timedelta(minutes=15)
_WAS_TAKEN = frozenset({Proof.UNDER_WAY, Proof.TAKEN})


class Acceptance(Enum):
    """How PlanetScale answered the change."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    NONE = "none"
    """No answer, or one that is no verdict. Also what holds after a crash while sending."""


class End(Enum):
    """How an action ended."""

    SUCCEEDED = "succeeded"
    IN_PLACE = "in place"
    """Somebody else did it or may have, or it was changed since: never told as "succeeded"."""
    REFUSED = "refused"
    BROKE_OFF = "broke off"
    NOT_SEEN = "not seen to happen"
    NEEDS_PERSON = "needs a person"


@dataclass(frozen=True, slots=True)
class Reading:
    """One look at the subject after sending."""

    at: datetime
    verdict: Verdict
    state: str | None = None
    """As PlanetScale names it; `None` where nothing was read."""


@dataclass(frozen=True, slots=True)
class Conclusion:
    """`end` is `None` as long as it must be read on."""

    end: End | None
    verdict: Verdict
    """The last one that there was."""


def conclude(
    answer: Acceptance,
    answered_at: datetime | None,
    readings: Sequence[Reading],
    errors: Collection[str],
) -> Conclusion:
    """What `readings`, oldest first, amount to. `errors`: the states of a subject that has broken.

    `answered_at` is when the answer came or was given up; of earlier readings only those count that saw it
    under way or taken. The workflow that came with an accepting answer is a reading at that moment. `None`:
    the answer is still awaited.
    """
    if answered_at is None:
        return _while_awaited(readings, errors)
    after = [one for one in readings if one.at >= answered_at or one.verdict.proof in _WAS_TAKEN]
    proven = [reading for reading in after if reading.verdict.proof is not Proof.NO_VERDICT]
    verdict = proven[-1].verdict if proven else NO_VERDICT
    end = _end(answer, proven, errors) if proven else None
    return Conclusion(end or _silence(after), verdict)


def _while_awaited(readings: Sequence[Reading], errors: Collection[str]) -> Conclusion:
    proven = [reading for reading in readings if reading.verdict.proof is not Proof.NO_VERDICT]
    if not proven:
        return Conclusion(None, NO_VERDICT)
    verdict = proven[-1].verdict
    settles = verdict.proof in {Proof.HAPPENED, Proof.FAILED} or _was_under_way(proven)
    end = _end(Acceptance.NONE, proven, errors) if settles else None
    return Conclusion(end if end in {End.SUCCEEDED, End.BROKE_OFF} else None, verdict)


def _end(answer: Acceptance, proven: Sequence[Reading], errors: Collection[str]) -> End | None:
    verdict = proven[-1].verdict
    match verdict.proof:
        case Proof.HAPPENED:
            return End.SUCCEEDED if _was_this(answer, verdict) else End.IN_PLACE
        case Proof.FAILED:
            return End.NEEDS_PERSON if verdict.done_by else End.BROKE_OFF
        case Proof.CONFLICT:
            broke = proven[-1].state in errors and (answer is Acceptance.ACCEPTED or _was_under_way(proven))
            return End.BROKE_OFF if broke else End.NEEDS_PERSON
        case Proof.UNDER_WAY:
            return End.NEEDS_PERSON if verdict.half_done and _lasts(proven) else None
        case _:
            return _not_done(answer, proven)


def _was_this(answer: Acceptance, verdict: Verdict) -> bool:
    """Whether what is in place is the doing of this request, as far as anybody can tell."""
    if verdict.since_changed or verdict.done_by:
        return False
    return answer is Acceptance.ACCEPTED or not verdict.taken_along


def _not_done(answer: Acceptance, proven: Sequence[Reading]) -> End | None:
    if _was_under_way(proven):
        return End.BROKE_OFF
    taken = any(reading.verdict.proof is Proof.TAKEN and not reading.verdict.done_by for reading in proven)
    if answer is Acceptance.REFUSED and not taken:
        return End.REFUSED
    if not _lasts(proven):
        return None
    return End.BROKE_OFF if taken or answer is Acceptance.ACCEPTED else End.NOT_SEEN


def _was_under_way(proven: Sequence[Reading]) -> bool:
    """Whether it was, as far as anybody can tell: not what is certainly somebody else's."""
    return any(reading.verdict.proof is Proof.UNDER_WAY and not reading.verdict.done_by for reading in proven)


def _lasts(proven: Sequence[Reading]) -> bool:
    """Whether the last reading was the same for long enough."""
    last = proven[-1]
    row = []
    for reading in reversed(proven):
        if (reading.verdict, reading.state) != (last.verdict, last.state):
            break
        row.append(reading.at)
    return len(row) >= UNCHANGED_READS and row[0] - row[-1] >= UNCHANGED_FOR


def _silence(after: Sequence[Reading]) -> End | None:
    row = []
    for reading in reversed(after):
        if reading.verdict.proof is not Proof.NO_VERDICT:
            break
        row.append(reading.at)
    return End.NEEDS_PERSON if row and row[0] - row[-1] >= SILENT_FOR else None
