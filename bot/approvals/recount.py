"""Who still counts: everybody who asked or approved, as Slack describes them at this moment. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from bot.approvals.decide import Case, Reason, cannot_count
from bot.approvals.people import Fits, NamedPeople, Person, Standing

_LEFT: Final[Mapping[Standing, str]] = {
    Standing.GUEST: "a guest by now",
    Standing.BOT: "not a person's account",
}
_NO_MEMBER: Final = "no longer a member"
_IN_DOUBT: Final = frozenset({Reason.UNKNOWN_PERSON, Reason.GROUP_UNREAD})


@dataclass(frozen=True, slots=True, kw_only=True)
class Recount:
    """What became of those who counted."""

    dropped: Mapping[str, str] = field(default_factory=dict)
    """Whose approval does not count any more, and why, as words to follow a name and a colon."""
    doubted: tuple[str, ...] = ()
    """Of whom Slack did not say whether they still count, the requester among them."""
    unread: Mapping[str, str] = field(default_factory=dict)
    """The user groups that are in doubt for some of them, and Slack's codes."""
    requester_left: str | None = None
    """Why the requester may not ask for it any more, as words to follow "who is"."""

    @property
    def holds(self) -> bool:
        """Whether everybody certainly still counts."""
        return not (self.dropped or self.doubted or self.requester_left)


def recount(case: Case, approved: Mapping[str, Person]) -> Recount:
    """Look at everybody who approved `case`, in the order in which they did, by the id that they used.

    The requester of `case` is as they are known now. Of one person's two approvals the first counts.
    """
    dropped: dict[str, str] = {}
    doubted: list[str] = []
    unread: dict[str, str] = {}
    seen: set[str] = set()
    for user, person in approved.items():
        reason = cannot_count(case, person)
        if reason in _IN_DOUBT:
            doubted.append(user)
            unread |= case.approvers.unread_by(person)
        elif reason:
            dropped[user] = _why_dropped(reason, person)
        elif seen & person.ids:
            dropped[user] = "the same person approved already"
        else:
            seen |= person.ids
    return Recount(dropped=dropped, doubted=tuple(doubted), unread=unread)


def with_requester(found: Recount, requester: Person, requesters: NamedPeople) -> Recount:
    """The same with what became of whoever asked. `requesters`: whom the policy lets ask."""
    match requesters.fits(requester):
        case Fits.YES:
            return found
        case Fits.NO:
            return replace(found, requester_left=_why_left(requester))
        case Fits.IN_DOUBT:
            unread = {**found.unread, **requesters.unread_by(requester)}
            return replace(found, doubted=(*found.doubted, requester.id), unread=unread)


def _why_dropped(reason: Reason, person: Person) -> str:
    if reason is Reason.REQUESTER_CANNOT_APPROVE:
        return "the same person asked for this"
    return _why_left(person) if reason is Reason.NOT_A_MEMBER else "no longer among the named approvers"


def _why_left(person: Person) -> str:
    if person.standing is Standing.MEMBER:
        return "no longer among those who may ask for it"
    return _LEFT.get(person.standing, _NO_MEMBER)
