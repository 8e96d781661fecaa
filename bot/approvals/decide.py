"""The decision: may this person decide this operation, and is it approved by that? Pure; time comes in."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum, StrEnum
from typing import TypeVar

from bot.approvals.digest import matches
from bot.approvals.groups import too_large
from bot.approvals.people import Fits, NamedPeople, Person, Standing

T = TypeVar("T")


class Phase(Enum):
    """Where an operation stands, as far as deciding goes."""

    CHECKING = "checking"
    """Asked, and not shown to anybody yet: it can be stopped, not approved."""
    WAITING = "waiting"
    APPROVED = "approved"
    """Everybody needed has approved and nothing is being sent: it can be stopped."""
    RUNNING = "running"
    """From the moment that its sending is committed."""
    ENDED = "ended"


class PressKind(StrEnum):
    """What a press says."""

    APPROVE = "approve"
    DENY = "deny"
    WITHDRAW = "withdraw"
    TAKE_BACK = "take_back"


@dataclass(frozen=True, slots=True)
class Counted:
    """A press that counted."""

    user: str
    """Who they are: `Person.identity`, as far as it was known."""
    kind: PressKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """An operation, as far as deciding goes. Raises `ValueError` if it would need nobody."""

    id: str
    phase: Phase
    requester: str
    """Who they are, as `Counted.user`."""
    digest: str
    required: int
    approvers: NamedPeople
    expires_at: datetime
    """Aware. A press counts if it was received before this moment, whenever it is looked at."""
    decisions: tuple[Counted, ...] = ()
    """In the order in which they counted."""
    deny_reason: bool = False
    """A Deny counts only with a reason."""
    goes_back: bool = False
    """It brings traffic or routing rules back: a user group that cannot be read is in nobody's way then."""

    def __post_init__(self) -> None:
        if self.required < 1:
            msg = "a case needs at least one approval"
            raise ValueError(msg)

    @property
    def approved_by(self) -> tuple[str, ...]:
        """The people whose latest counted press is an approval, in the order of those presses."""
        latest = last_words((decision.user, decision.kind) for decision in self.decisions)
        return tuple(
            user for user, kind in latest.items() if kind is PressKind.APPROVE and user != self.requester
        )


def last_words(said: Iterable[tuple[str, T]]) -> dict[str, T]:
    """What each person said last, in the order in which it was said: only that counts."""
    latest: dict[str, T] = {}
    for who, what in said:
        latest.pop(who, None)
        latest[who] = what
    return latest


@dataclass(frozen=True, slots=True)
class PressSeen:
    """A press of a button, as it was received."""

    kind: PressKind
    user: str
    prefix: str
    """The part of a digest that the button carried."""
    received_at: datetime
    with_reason: bool = False
    """Why was said with it."""


class Reason(StrEnum):
    """Why a press does not count."""

    UNKNOWN_PERSON = "unknown_person"
    GROUP_UNREAD = "group_unread"
    """It depends on a user group, and Slack did not say who is in it."""
    NOT_A_MEMBER = "not_a_member"
    REQUESTER_CANNOT_APPROVE = "requester_cannot_approve"
    NOT_AN_APPROVER = "not_an_approver"
    COUNTED_ALREADY = "counted_already"
    APPROVED_ALREADY = "approved_already"
    """Others have approved it; no more are needed."""
    NOT_OPEN_YET = "not_open_yet"
    RUNNING_ALREADY = "running_already"
    ENDED_ALREADY = "ended_already"
    EXPIRED = "expired"
    STALE_BUTTON = "stale_button"
    """The button does not belong to what is decided about."""
    DENY_NOT_ALLOWED = "deny_not_allowed"
    DENY_NEEDS_REASON = "deny_needs_reason"
    """The policy wants to know why, and it was not said with it."""
    WITHDRAW_NOT_ALLOWED = "withdraw_not_allowed"
    NOTHING_TO_TAKE_BACK = "nothing_to_take_back"


class PressOutcome(Enum):
    """What follows from a press that counts."""

    STILL_WAITING = "still waiting"
    APPROVED_NOW = "approved now"
    DENIED = "denied"
    WITHDRAWN = "withdrawn"
    TAKEN_BACK = "taken back"
    """It waits again; one approval less."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What a press means: either it counts and has an outcome, or there is a reason why not."""

    tally: int
    """The approvals there are after it."""
    outcome: PressOutcome | None = None
    reason: Reason | None = None

    @property
    def counted(self) -> bool:
        """Whether the press changes anything."""
        return self.outcome is not None


_AFTER = {
    PressKind.DENY: PressOutcome.DENIED,
    PressKind.WITHDRAW: PressOutcome.WITHDRAWN,
    PressKind.TAKE_BACK: PressOutcome.TAKEN_BACK,
}


def decide(case: Case, press: PressSeen, person: Person) -> Decision:
    """What `press` means for `case`, if `person` is who pressed. Whatever is in doubt does not count.

    A press that stops something (deny, withdraw, take back) counts whichever version of the card it was made
    on; an approval counts only for exactly what the card showed.
    """
    reason = _who(press, person) or _when(case, press) or _why_not(case, press, person)
    if reason:
        return Decision(len(case.approved_by), reason=reason)
    after = replace(case, decisions=(*case.decisions, Counted(person.identity, press.kind)))
    tally = len(after.approved_by)
    if press.kind is PressKind.APPROVE:
        enough = tally >= case.required
        return Decision(tally, PressOutcome.APPROVED_NOW if enough else PressOutcome.STILL_WAITING)
    return Decision(tally, _AFTER[press.kind])


def _who(press: PressSeen, person: Person) -> Reason | None:
    if person.standing is Standing.UNKNOWN or press.user not in person.ids:
        return Reason.UNKNOWN_PERSON
    return None if person.standing is Standing.MEMBER else Reason.NOT_A_MEMBER


def _when(case: Case, press: PressSeen) -> Reason | None:
    if case.phase is Phase.ENDED:
        return Reason.ENDED_ALREADY
    if case.phase is Phase.RUNNING:
        return Reason.RUNNING_ALREADY
    open_for_good = case.phase is Phase.APPROVED
    return None if open_for_good or press.received_at < case.expires_at else Reason.EXPIRED


def _why_not(case: Case, press: PressSeen, person: Person) -> Reason | None:
    match press.kind:
        case PressKind.APPROVE:
            return _why_not_approve(case, press, person)
        case PressKind.DENY:
            return _why_not_deny(case, press, person)
        case PressKind.WITHDRAW:
            return None if case.requester in person.ids else Reason.WITHDRAW_NOT_ALLOWED
        case PressKind.TAKE_BACK:
            return None if person.ids.intersection(case.approved_by) else Reason.NOTHING_TO_TAKE_BACK


def _why_not_approve(case: Case, press: PressSeen, person: Person) -> Reason | None:
    if reason := cannot_count(case, person):
        return reason
    if not matches(press.prefix, case.digest):
        return Reason.STALE_BUTTON
    if person.ids.intersection(case.approved_by):
        return Reason.COUNTED_ALREADY
    if case.phase is Phase.CHECKING:
        return Reason.NOT_OPEN_YET
    return Reason.APPROVED_ALREADY if case.phase is Phase.APPROVED else None


def _why_not_deny(case: Case, press: PressSeen, person: Person) -> Reason | None:
    reason = cannot_count(case, person)
    if reason:
        return reason if reason is Reason.GROUP_UNREAD else Reason.DENY_NOT_ALLOWED
    return Reason.DENY_NEEDS_REASON if case.deny_reason and not press.with_reason else None


def cannot_count(case: Case, person: Person) -> Reason | None:
    """Why an approval of `person` would not count for `case`, whatever they press: the rule of who counts."""
    return no_say(person, case.approvers, requester=case.requester, goes_back=case.goes_back)


def no_say(
    person: Person, approvers: NamedPeople, *, requester: str | None, goes_back: bool = False
) -> Reason | None:
    """Why the word of `person` does not count where `approvers` decide, and never `requester`."""
    if person.standing is Standing.UNKNOWN:
        return Reason.UNKNOWN_PERSON
    if person.standing is not Standing.MEMBER:
        return Reason.NOT_A_MEMBER
    if requester in person.ids:
        return Reason.REQUESTER_CANNOT_APPROVE
    match approvers.fits(person):
        case Fits.YES:
            return None
        case Fits.NO:
            return Reason.NOT_AN_APPROVER
        case Fits.IN_DOUBT:
            # a large group must not let everybody approve what goes back: the id that it holds still can
            spares = goes_back and not too_large(approvers.unread_by(person))
            return None if spares else Reason.GROUP_UNREAD
