"""The two-person rule against an oracle that knows nothing of how decisions are made."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.approvals.decide import Case, Counted, Phase, PressKind, PressOutcome, PressSeen, decide
from bot.approvals.people import NamedPeople, Person, Standing

DIGEST = "0123456789abcdef" * 4
START = datetime(2026, 11, 23, 2, 14, tzinfo=UTC)
CLOSES = START + timedelta(minutes=30)
USERS = [f"U0{letter}" for letter in "ABCDEF"]
GROUPS = ["S0DBAS", "S0LEADS"]
AFTER = {
    PressOutcome.APPROVED_NOW: Phase.APPROVED,
    PressOutcome.DENIED: Phase.ENDED,
    PressOutcome.WITHDRAWN: Phase.ENDED,
    PressOutcome.TAKEN_BACK: Phase.WAITING,
}

STANDINGS = st.sampled_from([*[Standing.MEMBER] * 8, *Standing])
PREFIXES = st.sampled_from([*[DIGEST[:16]] * 6, "f" * 16, ""])


class World(NamedTuple):
    """Who asked, who is who, whom the policy names, and how many are needed."""

    case: Case
    people: dict[str, Person]


@st.composite
def worlds(draw: st.DrawFn) -> World:
    people = {
        user: Person(user, draw(STANDINGS), frozenset(draw(st.sets(st.sampled_from(GROUPS)))))
        for user in USERS
    }
    named = draw(st.just([]) | st.lists(st.sampled_from([*USERS, *GROUPS]), min_size=1))
    case = Case(
        id="op1",
        phase=Phase.WAITING,
        requester=draw(st.sampled_from(USERS)),
        digest=DIGEST,
        required=draw(st.integers(1, 3)),
        approvers=NamedPeople.of(named),
        expires_at=CLOSES,
    )
    return World(case, people)


def presses(*kinds: PressKind) -> st.SearchStrategy[list[PressSeen]]:
    press = st.builds(
        PressSeen,
        kind=st.sampled_from(kinds),
        user=st.sampled_from(USERS),
        prefix=PREFIXES,
        received_at=st.integers(0, 1850).map(lambda second: START + timedelta(seconds=second)),
    )
    return st.lists(press, max_size=25).map(lambda found: sorted(found, key=lambda press: press.received_at))


ANY_PRESSES = presses(*[PressKind.APPROVE] * 5, *PressKind)


def carried_out(world: World, case: Case, press: PressSeen) -> tuple[Case, PressOutcome | None]:
    """The case after a press, as an operation would record it."""
    found = decide(case, press, world.people[press.user])
    if found.outcome is None:
        return case, None
    decisions = (*case.decisions, Counted(press.user, press.kind))
    return replace(case, decisions=decisions, phase=AFTER.get(found.outcome, case.phase)), found.outcome


def could_approve(world: World, user: str) -> bool:
    """By the words of the policy: a full member, not the requester, and named if anybody is."""
    person, case = world.people[user], world.case
    named = {user, *person.groups} & {*case.approvers.ids}
    return person.standing == "member" and user != case.requester and bool(named or not case.approvers.ids)


def standing_approvals(world: World, made: list[PressSeen]) -> int:
    """By the presses alone: how many who could approve have done so, in time, and not taken it back since."""

    def approves(user: str) -> bool:
        said = [
            press.kind is PressKind.APPROVE
            for press in made
            if press.user == user
            and (
                press.kind is PressKind.TAKE_BACK
                or (
                    press.kind is PressKind.APPROVE
                    and press.prefix == DIGEST[:16]
                    and press.received_at < CLOSES
                )
            )
        ]
        return could_approve(world, user) and bool(said) and said[-1]

    return sum(approves(user) for user in USERS)


@settings(deadline=None)
@given(worlds(), ANY_PRESSES)
def test_nothing_runs_without_enough_others(world: World, made: list[PressSeen]) -> None:
    """No presses of any people approve an operation without the required number of eligible others."""
    case = world.case
    for count, press in enumerate(made, start=1):
        case, outcome = carried_out(world, case, press)
        if outcome is PressOutcome.APPROVED_NOW:
            assert standing_approvals(world, made[:count]) >= case.required
        if case.phase is Phase.APPROVED:
            assert len({user for user in case.approved_by if could_approve(world, user)}) >= case.required


@settings(deadline=None)
@given(worlds(), presses(PressKind.APPROVE), st.randoms(use_true_random=False))
def test_order_and_repetition_mean_nothing(world: World, made: list[PressSeen], chance: Random) -> None:
    """The same approvals in another order, and pressed twice, lead to the same end: that of the oracle."""
    shuffled = made * 2
    chance.shuffle(shuffled)
    phases = set()
    for order in (made, made * 2, shuffled):
        case = world.case
        for press in order:
            case, _ = carried_out(world, case, press)
        phases.add(case.phase)
    enough = standing_approvals(world, made) >= world.case.required
    assert phases == {Phase.APPROVED if enough else Phase.WAITING}


@settings(deadline=None)
@given(worlds(), ANY_PRESSES, ANY_PRESSES, st.sampled_from([Phase.RUNNING, Phase.ENDED]))
def test_nothing_counts_after_the_end(
    world: World, before: list[PressSeen], after: list[PressSeen], end: Phase
) -> None:
    """Whatever was pressed before, nothing that is pressed while it runs or after its end counts."""
    case = world.case
    for press in before:
        case, _ = carried_out(world, case, press)
    over = replace(case, phase=end)
    assert [carried_out(world, over, press) for press in after] == [(over, None)] * len(after)


@settings(deadline=None)
@given(worlds(), ANY_PRESSES, st.sampled_from(USERS))
def test_one_deny_ends_it(world: World, made: list[PressSeen], user: str) -> None:
    """Until it runs, one Deny of anybody who could approve ends it, and a Deny of nobody else does."""
    case = world.case
    for press in made:
        case, _ = carried_out(world, case, press)
    if case.phase is Phase.ENDED:
        case = world.case
    deny = PressSeen(PressKind.DENY, user, DIGEST[:16], CLOSES - timedelta(seconds=1))
    _, outcome = carried_out(world, case, deny)
    assert (outcome is PressOutcome.DENIED) is could_approve(world, user)
