"""Who may read about a database: whom the policy lets ask there, and whom it names to approve there."""

from collections.abc import Iterator

from bot.approvals.people import NamedPeople, Person
from bot.approvals.policy import Policy
from bot.approvals.terms import Terms


def readers(policy: Policy, organization: str, database: str | None) -> NamedPeople:
    """Who may read about a database. `None`: about one that no `[[database]]` is for."""
    if database is None:
        return _readers(policy.terms_of(organization))
    return _readers(policy.terms_for(organization, database))


def readers_by_section(policy: Policy, organization: str) -> Iterator[NamedPeople]:
    """The readers of each part of an organization. Whoever is in none of them may read nothing in it.

    Which databases there are is not known here: somebody may be in one and find nothing there.
    """
    terms = policy.terms_of(organization)
    yield _readers(terms)
    for section in policy.databases:
        if section.organization in {None, organization}:
            yield _readers(terms.under(section))


def reads_all(policy: Policy, organization: str, person: Person) -> bool:
    """Whether no database of the organization can be kept from them, whichever sections are for it."""
    terms = policy.terms_of(organization)
    sections = [one for one in policy.databases if one.organization in {None, organization}]
    if not sections:
        return _readers(terms).admits(person)
    asked = [terms.requesters, *(terms.under(one).requesters for one in sections)]
    return all(NamedPeople.of(requesters).admits(person) for requesters in asked)


def _readers(terms: Terms) -> NamedPeople:
    """Where nobody is named to ask, everybody may; who is named to approve must see what it is about."""
    return NamedPeople.of((*terms.requesters, *terms.approvers) if terms.requesters else ())
