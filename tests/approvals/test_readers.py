"""Who may read about a database."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from bot.approvals.people import Person, Standing
from bot.approvals.policy import Policy
from bot.approvals.readers import readers, readers_by_section, reads_all
from bot.approvals.terms import DatabaseSection, OrganizationSection, Terms

ANA, BEN, CHIOMA, DBAS = "U0ANA", "U0BEN", "U0CHIOMA", "S0DBAS"
PEOPLE = (
    Person(ANA, Standing.MEMBER),
    Person(BEN, Standing.MEMBER, frozenset({DBAS})),
    Person(CHIOMA, Standing.MEMBER),
)
ids = st.lists(st.sampled_from([ANA, BEN, DBAS]), unique=True, max_size=2).map(tuple)
named: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {}, optional={"requesters": ids, "approvers": ids}
)
MATCHES = st.sampled_from(["shop", "sho*", "crm", "*"])
organizations = st.sampled_from([None, "acme", "acme-eu"])
policies = st.builds(
    Policy,
    named.map(lambda keys: Terms(**keys)),
    st.just(()) | named.map(lambda keys: (OrganizationSection(name="acme-eu", **keys),)),
    st.lists(
        st.builds(
            lambda match, organization, keys: DatabaseSection(match=match, organization=organization, **keys),
            MATCHES,
            organizations,
            named,
        ),
        max_size=3,
    ).map(tuple),
)


def test_without_requesters_everybody_reads() -> None:
    """Where nobody is named to ask, every full member may read, whoever is to approve; a guest never."""
    found = readers(Policy(Terms(approvers=(BEN,))), "acme", "shop")
    assert all(found.admits(person) for person in PEOPLE)
    assert not found.admits(Person(ANA, Standing.GUEST))


def test_who_is_named_to_ask_or_to_approve_reads() -> None:
    """Where somebody is named to ask, they may read and whoever is named to approve, and nobody else."""
    found = readers(Policy(Terms(requesters=(ANA,), approvers=(DBAS,))), "acme", "shop")
    assert [found.admits(person) for person in PEOPLE] == [True, True, False]


def test_no_list_of_approvers_names_nobody() -> None:
    """That anybody may approve what they see on a card lets nobody read more than that."""
    found = readers(Policy(Terms(requesters=(ANA,))), "acme", "shop")
    assert [found.admits(person) for person in PEOPLE] == [True, False, False]


def test_a_database_has_readers_of_its_own() -> None:
    """The sections of the policy are laid over each other for reading as for asking."""
    policy = Policy(
        Terms(requesters=(ANA,)),
        (),
        (DatabaseSection(match="crm", organization="acme-eu", requesters=(BEN,)),),
    )
    places = (("acme", "crm"), ("acme-eu", "shop"), ("acme-eu", "crm"), ("acme-eu", None))
    assert [readers(policy, *place).ids for place in places] == [(ANA,), (ANA,), (BEN,), (ANA,)]


@given(policies, st.sampled_from(["acme", "acme-eu"]), st.sampled_from(["shop", "crm", "other"]))
def test_who_is_in_no_section_reads_nothing(policy: Policy, organization: str, database: str) -> None:
    """Nobody may read about a database who is in none of its organization's parts: their Home is not empty
    where something of it could be read."""
    for person in PEOPLE:
        anywhere = any(part.admits(person) for part in readers_by_section(policy, organization))
        assert anywhere or not readers(policy, organization, database).admits(person)


@given(policies, st.sampled_from(["acme", "acme-eu"]), st.sampled_from(["shop", "crm", "other"]))
def test_who_may_ask_may_read(policy: Policy, organization: str, database: str) -> None:
    """Whoever may ask for an action, or is named to approve it, may read what it is about."""
    terms = policy.terms_for(organization, database)
    found = readers(policy, organization, database)
    assert found.anybody == (not terms.requesters)
    assert found.anybody or set(terms.requesters) | set(terms.approvers) == set(found.ids)


@given(policies, st.sampled_from(["acme", "acme-eu"]), st.sampled_from(PEOPLE))
def test_who_reads_all_is_kept_from_nothing(policy: Policy, organization: str, person: Person) -> None:
    """Whoever is said to read everything may read about every database, however sections overlap."""
    if reads_all(policy, organization, person):
        for database in ("shop", "shoe", "crm", "crm-eu", "other"):
            assert readers(policy, organization, database).admits(person)


def test_without_sections_an_approver_reads_all() -> None:
    """Where the policy is the same for all databases, who is named to approve is kept from nothing."""
    policy = Policy(Terms(requesters=(ANA,), approvers=(DBAS,)))
    assert [reads_all(policy, "acme", person) for person in PEOPLE] == [True, True, False]
