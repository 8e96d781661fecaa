"""What an operation is: plain data, as rows hold it and cards show it. No clock, no I/O."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from bot.approvals.decide import last_words
from bot.approvals.terms import Gate
from bot.subjects.findings import Finding, Report
from bot.subjects.model import ActionTraits, Observed, Ref
from bot.subjects.row_forms import AnySnapshot


class State(StrEnum):
    """Where an operation stands. See `docs/architecture.md` for the arrows."""

    REQUESTED = "requested"
    """Taken down; not looked at yet."""
    WAITING = "waiting"
    """For the people that its gate asks for."""
    READY = "ready"
    """Everybody agreed, or nobody had to; it must leave before `execute_by`."""
    EXECUTING = "executing"
    """Claimed by one worker; certainly nothing sent."""
    SENDING = "sending"
    """Committed just before the request: a crash from here on leaves the outcome unknown."""
    UNDER_WAY = "under_way"
    """PlanetScale took it; read back until the end state proves it."""
    UNKNOWN = "unknown"
    """No answer, or none that proves anything; read back, never sent again."""
    NEEDS_PERSON = "needs_person"
    """Reads cannot settle it. Other destructive operations on the workflow are refused meanwhile."""

    SUCCEEDED = "succeeded"
    IN_PLACE = "in_place"
    """Somebody else did it, or it was changed since."""
    REFUSED = "refused"
    BROKE_OFF = "broke_off"
    NOT_SEEN = "not_seen"
    BLOCKED = "blocked"
    DENIED = "denied"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    SUPERSEDED = "superseded"
    TOO_LATE = "too_late"


UNKNOWN_KIND = "unknown"
NEVER = datetime.max.replace(tzinfo=UTC)
LATE_FOR = timedelta(minutes=15)
"""How long a late effect is looked for of what was not seen to happen."""
BEFORE_SENDING = frozenset({State.REQUESTED, State.WAITING, State.READY, State.EXECUTING})
"""Certainly nothing was sent."""
OUTCOME_OPEN = frozenset({State.SENDING, State.UNDER_WAY, State.UNKNOWN, State.NEEDS_PERSON})
"""Something may have been sent and its end is not proven."""
OPEN = BEFORE_SENDING | OUTCOME_OPEN
ENDED = frozenset(State) - OPEN
MAY_HAVE_CHANGED = frozenset({State.SUCCEEDED, State.IN_PLACE, State.BROKE_OFF, State.NEEDS_PERSON})


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What was seen of the sending and after it. All parts are optional: they come one after the other."""

    said: str | None = None
    """PlanetScale's own words about a refusal or an error: first line, at most 300 characters."""
    cause: str | None = None
    """For `superseded`, `blocked` and `too_late`: a sentence that says what changed or stood in the way."""
    trouble: str | None = None
    """What kept it from being sent so far, as the beginning of a sentence: `PlanetScale answers 500`."""
    tries: int = 0
    """How often it was about to be sent, and was not."""
    accepted_at: datetime | None = None
    """When PlanetScale answered 200: taken, not done."""
    no_answer: bool = False
    """The request was sent and no answer came, or none that could be understood."""
    latest: AnySnapshot = None
    """The last read."""
    read_at: datetime | None = None
    """When `latest` was read."""
    under_way_since: datetime | None = None
    """When it was first seen under way."""
    unknown_at: datetime | None = None
    """When it was first not known: people were called, and are told how it ended."""
    known_at: datetime | None = None
    """When an unknown outcome was resolved."""
    remark: str | None = None
    """A fragment that belongs beside the outcome: `in place, done by dev@acme`."""
    settled_by: str | None = None
    """Slack user id of who said what happened, where reads could not settle it."""
    late_effect_at: datetime | None = None
    """It was seen to happen after it had ended as not seen."""
    slow: bool = False
    """Under way for longer than usual, and told."""
    by_hand: bool = False
    """It ended for what the bot cannot do, and nothing that the bot sent to its subject was open then: the
    same may be done without the bot."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One request to carry out one action."""

    id: str
    organization: str
    database: str
    ref: Ref | None
    """What it is about; `None` while that has no name yet, and until one that was left out is found."""
    workflow_id: str | None = None
    workflow_name: str | None = None
    branch: str | None = None
    action: ActionTraits
    arguments: Mapping[str, Any] = field(default_factory=dict)
    """What goes into the request besides the workflow's name; for a create, the body."""
    force: bool = False
    requester: str
    team_id: str
    channel: str
    """Where it was asked."""
    state: State
    gate: Gate = Gate.NONE
    required: int = 0
    approvers: tuple[str, ...] = ()
    """User and user-group ids that the policy names; empty: any full member."""
    notify: tuple[str, ...] | None = None
    """User and user-group ids whom its waiting card calls; `None`: asked of a version that called nobody."""
    direct_at: datetime | None = None
    """When the named approvers are looked up next, to get the card as a direct message; `None`: not."""
    direct_to: tuple[str, ...] = ()
    """Who gets it, or has got it."""
    deny_reason: bool = False
    """The policy counts a Deny only with a reason."""
    hide_errors: bool = False
    """The policy keeps PlanetScale's words out of channels."""
    digest: str | None = None
    seen: AnySnapshot = None
    """The subject as it was shown to people: what they decide about."""
    kind: str = UNKNOWN_KIND
    """What sort of subject it is, in its own words, as far as the pre-flight found out."""
    way_back_alone: bool = True
    """The policy lets whoever asked take it back (reverse-traffic, …) without a second person."""
    last_backup_at: datetime | None = None
    report: Report | None = None
    """The pre-flight checks as they were shown: see `bot.subjects.findings`."""
    checked_at: datetime | None = None
    asked_at: datetime
    expires_at: datetime | None = None
    approved_at: datetime | None = None
    execute_by: datetime | None = None
    sent_at: datetime | None = None
    next_read_at: datetime | None = None
    ended_at: datetime | None = None
    reminded_at: datetime | None = None
    outcome: Outcome = field(default_factory=Outcome)
    reason: str | None = None
    """Why its requester asks for it, in their own words. Once said, it stays as approvers read it."""
    named: str | None = None
    """What was typed as the name of its subject; which one that is, is found once."""
    assumed: str | None = None
    """What was left out and taken to be meant, in sentences for everybody."""
    by_button: bool = False
    """Asked by a button that offered the next step: what it was drawn for may be over."""
    agreed_in: str | None = None
    """The state of its subject in which its requester agreed already: in a dialog of the button, which said
    what follows. It counts for that state alone, and only for a way back."""
    choices: tuple[tuple[int, str], ...] = ()
    """Number and name of the workflows that may have been meant, where none could be taken."""
    names: Mapping[str, str] = field(default_factory=dict)
    """What the people of this operation are called at Slack, by user id, as far as they were looked up."""
    identities: Mapping[str, str] = field(default_factory=dict)
    """The organization-wide id of its people, by the id that was used, where the two differ."""
    places: tuple[str, ...] = ()
    """The channels in which its card may stand, the best first."""
    again_of: str | None = None
    reply_to: str | None = field(default=None, repr=False)
    """Where its requester can be answered privately. Whoever has it can write there: forgotten once used."""
    owed: str | None = None
    """The private answer (`ports.Answer`) that the requester has not got yet."""
    unread_since: datetime | None = None
    """PlanetScale could not be read when it was asked: it went by what was seen then."""
    fence: int = 0
    version: int = 1

    @property
    def number(self) -> int | None:
        """The number of its subject, where that has one."""
        number = self.ref.columns.get("number") if self.ref else None
        return number if isinstance(number, int) else None

    @property
    def to_call(self) -> tuple[str, ...]:
        """Whom it calls while it waits: never who asked."""
        requester = {self.requester, self.identity(self.requester)}
        return tuple(one for one in self.notify or () if one not in requester)

    @property
    def names_no_subject(self) -> bool:
        """The name was left out, and has not been found yet. What creates has none to leave out."""
        return not self.action.creates and self.ref is None

    @property
    def has_card(self) -> bool:
        """Whether others see it: a request that only its requester confirms shows up once it is confirmed."""
        if self.state in {State.REQUESTED, State.BLOCKED} or self.gate is not Gate.PEER:
            return self.approved_at is not None
        return True

    @property
    def wish(self) -> tuple[str | None, Mapping[str, Any]]:
        """What is asked for: two requests on a subject with the same wish ask for the same."""
        return self.action.code, self.arguments

    @property
    def half_time(self) -> datetime | None:
        """When those who have not decided yet are reminded; `None`: they are not, or were already."""
        if self.gate is not Gate.PEER or self.reminded_at or self.expires_at is None:
            return None
        return self.asked_at + (self.expires_at - self.asked_at) / 2

    @property
    def wake_at(self) -> datetime | None:
        """While it waits for people: the next moment at which time itself brings it on."""
        if self.state is not State.WAITING:
            return None
        direct, end = self.direct_at, self.expires_at
        in_time = direct if direct and (end is None or direct < end) else None
        return min((at for at in (in_time, self.half_time, end) if at), default=NEVER)

    @property
    def changed_at(self) -> datetime | None:
        """Since when its workflow may be another than before it was sent; `None`: it is not, by this.

        Another: in what serves what, or in what can be done to it.
        """
        if self.action.only_starts or self.sent_at is None:
            return None
        went_back = self.state is State.BROKE_OFF and self.is_as_before
        if self.state in MAY_HAVE_CHANGED and not went_back:
            return self.ended_at or self.sent_at
        return self.outcome.late_effect_at

    @property
    def in_doubt_until(self) -> datetime | None:
        """How long it may still take effect; `None` if its outcome is known, or not awaited any more.

        What a person has settled is not in doubt, and neither is what was seen to happen late.
        """
        known = self.outcome.late_effect_at or self.outcome.settled_by
        if self.state is not State.NOT_SEEN or known or self.ended_at is None:
            return None
        return self.ended_at + LATE_FOR

    @property
    def is_as_before(self) -> bool:
        """Whether it was read back, and state and flags are as people were shown them."""
        seen, latest = self.seen, self.outcome.latest
        if seen is None or latest is None:
            return False
        return latest.is_as(seen)

    def called(self, user: str) -> str:
        """What a person is called in a sentence; their id where no name is known."""
        return self.names.get(user, user)

    def identity(self, user: str) -> str:
        """Who somebody is, whichever of their ids was used, as far as it is known."""
        return self.identities.get(user, user)

    def was_asked_by(self, ids: frozenset[str]) -> bool:
        """Whether whoever has these ids, or any that is known to be the same person's, asked for it."""
        ids = ids.union(self.identity(one) for one in ids)
        return not ids.isdisjoint({self.requester, self.identity(self.requester)})

    @property
    def warnings(self) -> tuple[Finding, ...]:
        """What the card warns of, in order."""
        return self.report.warnings if self.report else ()


class DecisionKind(StrEnum):
    """A press that counted."""

    APPROVE = "approve"
    DENY = "deny"
    WITHDRAW = "withdraw"
    TAKE_BACK = "take_back"
    CONFIRM = "confirm"
    NOT_NOW = "not_now"
    HAPPENED = "happened"
    DID_NOT_HAPPEN = "did_not_happen"
    DROPPED = "dropped"
    """No press: the approval before does not count any more, for the reason beside it."""
    REASON = "reason"
    """Not a decision: why the one before was made, said afterwards."""


_SAYS_WHAT_HAPPENED = frozenset({DecisionKind.HAPPENED, DecisionKind.DID_NOT_HAPPEN})
"""They take no approval away: that one was acted on long before."""


@dataclass(frozen=True, slots=True)
class Decided:
    """A press that counted."""

    user: str
    kind: DecisionKind
    at: datetime
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """An operation and what people did about it: all that its card needs."""

    operation: Operation
    decisions: tuple[Decided, ...] = ()
    """In the order in which they counted."""
    asked_again: str | None = None
    """The id of the operation that asks for the same again."""
    asked_again_link: str | None = None
    overtaken_by: Operation | None = None
    """What changed the workflow last after this had ended: what was seen then may not be so any more."""
    overtaken_by_link: str | None = None
    deleted_at: datetime | None = None
    """When the source tables of its workflow were deleted, as the bot read it back after that cutover."""
    switch_tried_at: datetime | None = None
    """When a switch of traffic was last sent on its workflow, whatever came of it."""
    followed: Observed | None = None
    """What is known of the subject now, where it is watched."""
    lately: tuple["Story", ...] = ()
    """While it waits: requests for the same that came to nothing lately, the latest first."""
    lately_links: Mapping[str, str] = field(default_factory=dict)
    """Where their cards are, by operation id."""
    kind: str = UNKNOWN_KIND
    """As the pre-flight found it."""
    way_back_alone: bool = True
    """The policy lets whoever asked take it back (reverse-traffic, …) without a second person."""

    @property
    def approved_by(self) -> tuple[Decided, ...]:
        """Whose latest word is an approval, in order."""
        said = (one for one in self.decisions if one.kind not in _SAYS_WHAT_HAPPENED)
        return self._whose_last_word_is(DecisionKind.APPROVE, said)

    @property
    def dropped(self) -> tuple[Decided, ...]:
        """Whose latest word was an approval that does not count any more, in order."""
        return self._whose_last_word_is(DecisionKind.DROPPED, self.decisions)

    def _whose_last_word_is(self, kind: DecisionKind, said: Iterable[Decided]) -> tuple[Decided, ...]:
        latest = last_words((self.operation.identity(one.user), one) for one in said)
        return tuple(one for one in latest.values() if one.kind is kind)

    def last(self, kind: DecisionKind) -> Decided | None:
        """The latest decision of `kind`."""
        return next((one for one in reversed(self.decisions) if one.kind is kind), None)
