from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.approvals.decide import (
    Case,
    Counted,
    Phase,
    PressKind,
    PressOutcome,
    PressSeen,
    Reason,
    decide,
)
from bot.approvals.people import NamedPeople, Person, Standing
from bot.approvals.policy import load_policy
from bot.commands.model import ActionName
from tests.rows import each_row

DIGEST = "0123456789abcdef" * 4
CLOSES = datetime(2026, 11, 23, 2, 44, tzinfo=UTC)
EARLY = CLOSES - timedelta(minutes=20)
ANA, BEN, CHI, DEV = "U0ANA", "U0BEN", "U0CHI", "U0DEV"
BEN_APPROVED = (Counted(BEN, PressKind.APPROVE),)
ALL_PHASES = tuple(Phase)


def a_case(**differs: Any) -> Case:
    """Ana asks, one other has to approve, nobody has decided, unless `differs` says otherwise."""
    case = Case(
        id="op1",
        phase=Phase.WAITING,
        requester=ANA,
        digest=DIGEST,
        required=1,
        approvers=NamedPeople(),
        expires_at=CLOSES,
    )
    return replace(case, **differs)


def a_press(kind: PressKind, user: str, **differs: Any) -> PressSeen:
    return replace(PressSeen(kind, user, DIGEST[:16], EARLY), **differs)


def a_member(user: str, *groups: str) -> Person:
    return Person(user, Standing.MEMBER, frozenset(groups))


def press(case: Case, kind: PressKind, user: str, **differs: Any) -> tuple[PressOutcome | Reason | None, int]:
    """What follows when the member `user` presses, and the tally after it."""
    found = decide(case, a_press(kind, user, **differs), a_member(user))
    return found.outcome or found.reason, found.tally


def test_the_second_person_approves() -> None:
    """Where one other is needed, the first approval of somebody else is enough."""
    assert press(a_case(), PressKind.APPROVE, BEN) == (PressOutcome.APPROVED_NOW, 1)


def test_two_of_two() -> None:
    """Where two are needed, the first leaves it waiting and the second approves it."""
    case = a_case(required=2)
    assert press(case, PressKind.APPROVE, BEN) == (PressOutcome.STILL_WAITING, 1)
    assert press(replace(case, decisions=BEN_APPROVED), PressKind.APPROVE, CHI) == (
        PressOutcome.APPROVED_NOW,
        2,
    )


@pytest.mark.parametrize(
    ("differs", "kind", "user", "reason"),
    [
        ({}, PressKind.APPROVE, ANA, Reason.REQUESTER_CANNOT_APPROVE),
        ({"approvers": NamedPeople.of([ANA])}, PressKind.APPROVE, ANA, Reason.REQUESTER_CANNOT_APPROVE),
        ({"approvers": NamedPeople.of([CHI, "S0DBAS"])}, PressKind.APPROVE, BEN, Reason.NOT_AN_APPROVER),
        ({"required": 2, "decisions": BEN_APPROVED}, PressKind.APPROVE, BEN, Reason.COUNTED_ALREADY),
        (
            {"phase": Phase.APPROVED, "decisions": BEN_APPROVED},
            PressKind.APPROVE,
            BEN,
            Reason.COUNTED_ALREADY,
        ),
        (
            {"phase": Phase.APPROVED, "decisions": BEN_APPROVED},
            PressKind.APPROVE,
            CHI,
            Reason.APPROVED_ALREADY,
        ),
        ({"phase": Phase.CHECKING}, PressKind.APPROVE, BEN, Reason.NOT_OPEN_YET),
        ({"approvers": NamedPeople.of([CHI])}, PressKind.DENY, BEN, Reason.DENY_NOT_ALLOWED),
        ({}, PressKind.DENY, ANA, Reason.DENY_NOT_ALLOWED),
        ({"deny_reason": True}, PressKind.DENY, BEN, Reason.DENY_NEEDS_REASON),
        ({"deny_reason": True}, PressKind.DENY, ANA, Reason.DENY_NOT_ALLOWED),
        ({}, PressKind.WITHDRAW, BEN, Reason.WITHDRAW_NOT_ALLOWED),
        ({}, PressKind.TAKE_BACK, BEN, Reason.NOTHING_TO_TAKE_BACK),
        (
            {"required": 2, "decisions": (*BEN_APPROVED, Counted(BEN, PressKind.TAKE_BACK))},
            PressKind.TAKE_BACK,
            BEN,
            Reason.NOTHING_TO_TAKE_BACK,
        ),
    ],
)
def test_a_press_without_right_counts_for_nothing(
    differs: dict[str, Any], kind: PressKind, user: str, reason: Reason
) -> None:
    """Who may not do what they pressed is told why, and the tally stays."""
    case = a_case(**differs)
    found = decide(case, a_press(kind, user), a_member(user))
    assert (found.counted, found.outcome, found.reason) == (False, None, reason)
    assert found.tally == len(case.approved_by)


@each_row("kind", PressKind)
@each_row("user", [ANA, BEN])
@each_row(
    ("standing", "reason"),
    [
        (Standing.UNKNOWN, Reason.UNKNOWN_PERSON),
        (Standing.GUEST, Reason.NOT_A_MEMBER),
        (Standing.FOREIGN, Reason.NOT_A_MEMBER),
        (Standing.BOT, Reason.NOT_A_MEMBER),
        (Standing.DEACTIVATED, Reason.NOT_A_MEMBER),
    ],
)
@each_row("phase", ALL_PHASES)
def test_only_full_members_decide(
    kind: PressKind, user: str, standing: Standing, reason: Reason, phase: Phase
) -> None:
    """No press of a guest, bot, outsider, deactivated or unknown person counts, even if they are named."""
    case = a_case(phase=phase, approvers=NamedPeople.of([BEN, "S0DBAS"]), decisions=BEN_APPROVED, required=2)
    found = decide(case, a_press(kind, user), Person(user, standing, frozenset({"S0DBAS"})))
    assert found.reason is reason


@pytest.mark.parametrize("kind", PressKind)
def test_somebody_else_is_nobody(kind: PressKind) -> None:
    """If the person looked up is not the one who pressed, nothing counts."""
    found = decide(a_case(decisions=BEN_APPROVED, required=2), a_press(kind, BEN), a_member(CHI))
    assert found.reason is Reason.UNKNOWN_PERSON


def test_a_named_group_counts() -> None:
    """Where a group is named, its members may approve and deny."""
    case = a_case(approvers=NamedPeople.of(["S0DBAS"]))
    ben = a_member(BEN, "S0DBAS")
    assert decide(case, a_press(PressKind.APPROVE, BEN), ben).outcome is PressOutcome.APPROVED_NOW
    assert decide(case, a_press(PressKind.DENY, BEN), ben).outcome is PressOutcome.DENIED


@pytest.mark.parametrize(
    ("late", "approved"),
    [(-timedelta(microseconds=1), True), (timedelta(0), False), (timedelta(days=1), False)],
)
def test_an_approval_must_come_before_the_end(late: timedelta, approved: bool) -> None:
    """An approval counts if it was received before the request expires, and not at that moment or later."""
    found = press(a_case(), PressKind.APPROVE, BEN, received_at=CLOSES + late)
    assert found == ((PressOutcome.APPROVED_NOW, 1) if approved else (Reason.EXPIRED, 0))


@pytest.mark.parametrize("kind", PressKind)
@pytest.mark.parametrize("user", [ANA, BEN, CHI])
@pytest.mark.parametrize("phase", [Phase.CHECKING, Phase.WAITING])
def test_what_expired_is_over_for_everybody(kind: PressKind, user: str, phase: Phase) -> None:
    """After the waiting time no press of any kind counts."""
    case = a_case(phase=phase, required=2, decisions=BEN_APPROVED)
    assert press(case, kind, user, received_at=CLOSES) == (Reason.EXPIRED, 1)


@pytest.mark.parametrize(
    ("phase", "reason"), [(Phase.RUNNING, Reason.RUNNING_ALREADY), (Phase.ENDED, Reason.ENDED_ALREADY)]
)
@pytest.mark.parametrize("kind", PressKind)
@pytest.mark.parametrize("user", [ANA, BEN, CHI])
def test_nothing_is_decided_once_it_runs(phase: Phase, reason: Reason, kind: PressKind, user: str) -> None:
    """From the moment of sending, and after the end, no press of anybody counts."""
    assert press(a_case(phase=phase, decisions=BEN_APPROVED), kind, user) == (reason, 1)


@pytest.mark.parametrize("carried", ["", "f" * 16, DIGEST, DIGEST[:15], DIGEST[:16].upper()])
def test_an_approval_counts_for_what_was_shown_only(carried: str) -> None:
    """The Approve of a card that showed something else is refused."""
    assert press(a_case(), PressKind.APPROVE, BEN, prefix=carried) == (Reason.STALE_BUTTON, 0)


@pytest.mark.parametrize("carried", ["", DIGEST[:16]])
def test_without_a_digest_nothing_is_approved(carried: str) -> None:
    """An operation whose digest is missing cannot be approved by any button."""
    assert press(a_case(digest=""), PressKind.APPROVE, BEN, prefix=carried) == (Reason.STALE_BUTTON, 0)


@pytest.mark.parametrize("phase", [Phase.CHECKING, Phase.WAITING, Phase.APPROVED])
@pytest.mark.parametrize(
    ("kind", "user", "outcome", "tally"),
    [
        (PressKind.DENY, CHI, PressOutcome.DENIED, 1),
        (PressKind.DENY, BEN, PressOutcome.DENIED, 0),
        (PressKind.WITHDRAW, ANA, PressOutcome.WITHDRAWN, 1),
        (PressKind.TAKE_BACK, BEN, PressOutcome.TAKEN_BACK, 0),
    ],
)
def test_stopping_is_possible_until_it_runs(
    phase: Phase, kind: PressKind, user: str, outcome: PressOutcome, tally: int
) -> None:
    """Deny, Withdraw and taking back work from any version of the card, until the request is sent."""
    case = a_case(phase=phase, decisions=BEN_APPROVED)
    assert press(case, kind, user, prefix="f" * 16) == (outcome, tally)


@pytest.mark.parametrize("kind", [PressKind.DENY, PressKind.WITHDRAW, PressKind.TAKE_BACK])
def test_what_is_approved_can_be_stopped_after_the_waiting_time(kind: PressKind) -> None:
    """Once approved, the waiting time is over but stopping is not: it lasts until the request is sent."""
    case = a_case(phase=Phase.APPROVED, decisions=BEN_APPROVED)
    user = ANA if kind is PressKind.WITHDRAW else BEN
    assert decide(case, a_press(kind, user, received_at=CLOSES), a_member(user)).counted


def test_who_lost_the_right_may_still_take_back() -> None:
    """An approval can be taken back by who gave it, even if they are no approver any more."""
    case = a_case(approvers=NamedPeople.of([CHI]), decisions=BEN_APPROVED, required=2)
    assert press(case, PressKind.TAKE_BACK, BEN) == (PressOutcome.TAKEN_BACK, 0)


def test_an_approval_can_be_given_again() -> None:
    """Who took an approval back may approve again, and counts once."""
    back = (*BEN_APPROVED, Counted(BEN, PressKind.TAKE_BACK))
    assert press(a_case(required=2, decisions=back), PressKind.APPROVE, BEN) == (
        PressOutcome.STILL_WAITING,
        1,
    )


def test_the_requester_never_counts() -> None:
    """Even an approval of the requester that found its way into the records is not counted."""
    case = a_case(required=2, decisions=(Counted(ANA, PressKind.APPROVE), *BEN_APPROVED))
    assert case.approved_by == (BEN,)


@pytest.mark.parametrize("required", [0, -1])
def test_a_case_needs_somebody(required: int) -> None:
    """There is no case that is approved by nobody."""
    with pytest.raises(ValueError, match="at least one"):
        a_case(required=required)


@pytest.mark.parametrize(
    ("requesters", "person", "allowed"),
    [
        ("[]", a_member(BEN), True),
        (f'["{ANA}", "S0DBAS"]', a_member(ANA), True),
        (f'["{ANA}", "S0DBAS"]', a_member(BEN, "S0DBAS"), True),
        (f'["{ANA}", "S0DBAS"]', a_member(BEN), False),
        ("[]", Person(BEN, Standing.GUEST), False),
        ("[]", Person(BEN, Standing.UNKNOWN), False),
        (f'["{ANA}"]', Person(ANA, Standing.DEACTIVATED), False),
    ],
)
def test_who_may_ask(requesters: str, person: Person, allowed: bool) -> None:
    """Full members may ask, and where requesters are named only those."""
    policy = load_policy(f"[approvals]\nrequesters = {requesters}", approval_ttl=None)
    rule = policy.rule_for(
        "acme", "shop", ActionName.CUTOVER, switched=True, rows_copied=True, copy_complete=True
    )
    assert rule.requesters.admits(person) is allowed
