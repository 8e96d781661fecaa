import pytest

from bot.approvals.people import NamedPeople, Person, Standing

NAMED = NamedPeople.of(["U0BEN", "S0DBAS", "W0CHI", "U0BEN"])


def test_ids_are_told_apart_by_their_first_letter() -> None:
    """A list of ids may mix users and user groups, in any order, and repeat itself."""
    assert NamedPeople(frozenset({"U0BEN", "W0CHI"}), frozenset({"S0DBAS"})) == NAMED
    assert NAMED.ids == ("S0DBAS", "U0BEN", "W0CHI")


@pytest.mark.parametrize(
    ("people", "person", "admitted"),
    [
        (NamedPeople(), Person("U0ANYONE", Standing.MEMBER), True),
        (NAMED, Person("U0BEN", Standing.MEMBER), True),
        (NAMED, Person("U0DBA", Standing.MEMBER, frozenset({"S0OTHER", "S0DBAS"})), True),
        (NAMED, Person("U0ANYONE", Standing.MEMBER), False),
        (NAMED, Person("U0ANYONE", Standing.MEMBER, frozenset({"S0OTHER"})), False),
        # A group's id is nobody's own id.
        (NAMED, Person("S0DBAS", Standing.MEMBER), False),
    ],
)
def test_the_named_are_admitted(people: NamedPeople, person: Person, admitted: bool) -> None:
    """A full member is admitted when nobody is named, when named, or as a member of a named group."""
    assert people.admits(person) is admitted


@pytest.mark.parametrize("standing", [standing for standing in Standing if standing is not Standing.MEMBER])
@pytest.mark.parametrize("people", [NamedPeople(), NAMED])
def test_only_full_members_are_admitted(people: NamedPeople, standing: Standing) -> None:
    """Guests, bots, outsiders, deactivated and unknown people are never admitted, even if named."""
    assert not people.admits(Person("U0BEN", standing, frozenset({"S0DBAS"})))
