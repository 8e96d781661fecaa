"""Who still counts, as far as the rule goes: pure, and against every standing that somebody can have."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.approvals.decide import Case, Counted, Phase, PressKind
from bot.approvals.people import Fits, NamedPeople, Person, Standing
from bot.approvals.recount import recount, with_requester

ASKED_BY, DBAS, LEADS = "U0ANA", "S0DBAS", "S0LEADS"
USERS = ["U0BEN", "U0CHIOMA", "U0DEV"]
IDENTITIES = [*USERS, "W0ONE", ASKED_BY, "W0ANA"]
NAMED = [*USERS, "W0ONE", DBAS, LEADS]
CASE = Case(
    id="op1",
    phase=Phase.APPROVED,
    requester=ASKED_BY,
    digest="0" * 64,
    required=2,
    approvers=NamedPeople(),
    expires_at=datetime(2026, 11, 23, tzinfo=UTC) + timedelta(minutes=30),
    decisions=tuple(Counted(user, PressKind.APPROVE) for user in USERS),
)


@st.composite
def people(draw: st.DrawFn) -> dict[str, Person]:
    groups = st.sets(st.sampled_from([DBAS, LEADS]))
    return {
        user: Person(
            user,
            draw(st.sampled_from([*[Standing.MEMBER] * 5, *Standing])),
            frozenset(draw(groups)),
            draw(st.none() | st.sampled_from(IDENTITIES)),
            unread=dict.fromkeys(draw(groups), "fatal_error"),
        )
        for user in USERS
    }


@given(people(), st.just([]) | st.lists(st.sampled_from(NAMED), min_size=1))
def test_everybody_counts_is_dropped_or_is_in_doubt(found: dict[str, Person], named: list[str]) -> None:
    """Who counts is a full member, among the named, not who asked, and not somebody who counts already."""
    approvers = NamedPeople.of(named)
    result = recount(replace(CASE, approvers=approvers), found)
    counts = [found[user] for user in USERS if user not in {*result.dropped, *result.doubted}]
    for person in counts:
        assert person.standing is Standing.MEMBER
        assert ASKED_BY not in person.ids
        assert not named or person.ids & approvers.users or person.groups & approvers.groups
    for one in counts:
        assert not any(one.ids & other.ids for other in counts if other is not one)
    for user in result.doubted:
        person = found[user]
        assert person.standing is Standing.UNKNOWN or approvers.groups & person.unread.keys()
    assert not {*result.dropped} & {*result.doubted}
    assert result.holds is (len(counts) == len(USERS))


@given(people())
def test_what_goes_back_waits_for_no_group(found: dict[str, Person]) -> None:
    """Where traffic goes back, a full member whose group cannot be read is neither dropped nor in doubt."""
    case = replace(CASE, approvers=NamedPeople.of([DBAS]), goes_back=True)
    result = recount(case, found)
    for user in result.doubted:
        assert found[user].standing is Standing.UNKNOWN


@pytest.mark.parametrize("standing", Standing)
def test_what_becomes_of_a_request_when_its_requester_changes(standing: Standing) -> None:
    """It goes on for a full member, is in doubt for whom Slack does not name, and ends for everybody else."""
    found = with_requester(recount(CASE, {}), Person(ASKED_BY, standing), NamedPeople())
    assert found.holds is (standing is Standing.MEMBER)
    assert bool(found.requester_left) is (standing not in {Standing.MEMBER, Standing.UNKNOWN})
    assert found.doubted == ((ASKED_BY,) if standing is Standing.UNKNOWN else ())


def test_a_requester_whom_the_policy_no_longer_lets_ask() -> None:
    """Whoever is no longer among those who may ask has a request that ends."""
    found = with_requester(recount(CASE, {}), Person(ASKED_BY, Standing.MEMBER), NamedPeople.of([DBAS]))
    assert found.requester_left == "no longer among those who may ask for it"


@pytest.mark.parametrize(
    ("person", "fits"),
    [
        (Person("U0BEN", Standing.MEMBER), Fits.YES),
        (Person("U0X", Standing.MEMBER, known_as="U0BEN"), Fits.YES),
        (Person("U0X", Standing.MEMBER, frozenset({DBAS})), Fits.YES),
        (Person("U0X", Standing.MEMBER, frozenset({LEADS})), Fits.NO),
        (Person("U0X", Standing.MEMBER, unread={DBAS: "no_such_subteam"}), Fits.IN_DOUBT),
        (Person("U0X", Standing.MEMBER, unread={LEADS: "no_such_subteam"}), Fits.NO),
        (Person("U0BEN", Standing.MEMBER, unread={DBAS: "no_such_subteam"}), Fits.YES),
        (Person("U0BEN", Standing.GUEST), Fits.NO),
        (Person("U0BEN", Standing.UNKNOWN), Fits.IN_DOUBT),
    ],
)
def test_whether_somebody_is_among_the_named(person: Person, fits: Fits) -> None:
    """By any of their ids or by a group; a group that cannot be read is a doubt only where it matters."""
    assert NamedPeople.of(["U0BEN", DBAS]).fits(person) is fits
