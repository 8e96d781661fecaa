"""Whether a policy can be satisfied at all, and what in it deserves a warning."""

import re
from collections.abc import Callable, Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Final, NamedTuple

from bot.approvals.organization_sections import called_organization
from bot.approvals.people import NamedPeople
from bot.approvals.terms import CANCEL_BEFORE_SWITCH, DatabaseSection, Gate, OrganizationSection, Terms
from bot.workflows.actions.registry import ACTIONS

_ALONE: Final = {one.name.value: one.alone for one in ACTIONS if one.alone}
"""The destructive actions, and what one person could do without a peer."""


class SectionName(NamedTuple):
    """Terms that hold somewhere, and the section that they are told under."""

    section: str
    terms: Terms
    under: tuple[Terms, ...] = ()
    """Terms that are told elsewhere: what they have already is not told again."""


def scopes(
    base: Terms, organizations: tuple[OrganizationSection, ...], databases: tuple[DatabaseSection, ...]
) -> list[SectionName]:
    """The terms without another section, then those of each `[[organization]]`, and of one database for each
    `[[database]]` in each organization that it is for.

    Which databases there are is not known here. Where sections overlap only for some names, it shows when
    somebody asks (`enough_approvers`).
    """
    named = {one.name: base.under(one) for one in organizations}
    found = [SectionName("[approvals]", base)]
    found += [SectionName(called_organization(name), terms, (base,)) for name, terms in named.items()]
    for section in databases:
        everywhere = base.under(*_overlapping(section, databases, None))
        if section.organization is None:
            found.append(SectionName(_called(section), everywhere, (base,)))
        for name in named if section.organization is None else [section.organization]:
            wider = named.get(name, base)
            terms = wider.under(*_overlapping(section, databases, name))
            told = (base, wider) if section.organization else (base, wider, everywhere)
            found.append(SectionName(f"{_called(section)} in {name}", terms, told))
    return found


def _overlapping(
    section: DatabaseSection, databases: tuple[DatabaseSection, ...], organization: str | None
) -> list[DatabaseSection]:
    """The sections that hold, in the file's order, for a database that `section` matches."""
    name = _example(section.match)
    return [
        other
        for other in databases
        if other is section or (other.organization in {None, organization} and fnmatchcase(name, other.match))
    ]


def problems(places: list[SectionName]) -> list[str]:
    """One line for each thing for which the policy must be refused."""
    return _told(places, _problems)


def warnings(places: list[SectionName], databases: tuple[DatabaseSection, ...]) -> list[str]:
    """One line for each thing that is allowed and that somebody should know."""
    capitals = [
        f"{_called(part)} match: has capital letters; names of databases have none, and case counts."
        for part in databases
        if part.match != part.match.lower()
    ]
    return _told(places, _warnings) + capitals


def enough_approvers(
    approvers: NamedPeople, required: int, requester: frozenset[str], members: Mapping[str, frozenset[str]]
) -> bool:
    """Whether `required` people other than whoever has the ids `requester` could approve, by the groups now.

    `members` has the user ids of each named group; a group that is missing counts as empty. True where nobody
    is named: how many full members there are is not looked at.
    """
    if approvers.anybody:
        return True
    everybody = approvers.users.union(*(members.get(group, frozenset()) for group in approvers.groups))
    return len(everybody - requester) >= required


def _told(places: list[SectionName], find: Callable[[Terms], Iterator[str]]) -> list[str]:
    """A line for each finding; what a wider section has already is not told again for a narrower one."""
    lines = []
    for section, terms, under in places:
        known = {text for wider in under for text in find(wider)}
        lines += [f"{section} {text}" for text in find(terms) if text not in known]
    return list(dict.fromkeys(lines))


def _problems(terms: Terms) -> Iterator[str]:
    both = sorted(set(terms.peer) & set(terms.confirm))
    if both:
        left = ", ".join(f'"{word}"' for word in terms.confirm if word not in both)
        yield (
            f"confirm: {', '.join(both)} is in peer as well (a list that a section does not state "
            f"keeps what it has); take it out of one of them. Right: confirm = [{left}]"
        )
    approvers, requesters = NamedPeople.of(terms.approvers), NamedPeople.of(terms.requesters)
    if approvers.anybody or approvers.groups:
        return
    count = len(approvers.users)
    if count < terms.required:
        yield (
            f"required: approvers names {count}, so nobody could ever get {terms.required}; lower it or name "
            f"more. Right: required = {count}"
        )
    elif requesters.users and not requesters.groups and _stuck(terms) == requesters.users:
        more = ", ".join(f'"{name}"' for name in (*approvers.ids, "U012ABCDEF"))
        yield (
            f"approvers: nobody approves what they asked for, so none of these requesters could ever get "
            f"{terms.required}; name one more. Right: approvers = [{more}]"
        )


def _warnings(terms: Terms) -> Iterator[str]:
    for word, deed in _ALONE.items():
        if terms.names(word) is not Gate.PEER:
            yield f"peer: {word} is not in it. ONE PERSON ALONE can {deed}."
    if terms.names(CANCEL_BEFORE_SWITCH) is Gate.CONFIRM:
        yield (
            f"confirm: {CANCEL_BEFORE_SWITCH} is in it. As long as no traffic is switched, ONE PERSON "
            f"ALONE can {_ALONE['cancel']}."
        )
    approvers, requesters = NamedPeople.of(terms.approvers), NamedPeople.of(terms.requesters)
    if requesters.groups and not requesters.users:
        yield f"requesters: who may ask depends on who is in Slack's {_groups(requesters)}."
    if terms.direct and approvers.anybody:
        yield "direct: is on, but approvers names nobody, so nobody gets a direct message."
    stuck = _stuck(terms)
    if approvers.groups and (stuck or len(approvers.users) < terms.required):
        yield (
            f"approvers: whether anybody can get {terms.required} depends on who is in Slack's "
            f"{_groups(approvers)}."
        )
    elif stuck:
        yield (
            f"approvers: nobody approves what they asked for, so {', '.join(sorted(stuck))} could never get "
            f"{terms.required}."
        )


def _called(section: DatabaseSection) -> str:
    return f'[[database]] "{section.match}"'


def _groups(people: NamedPeople) -> str:
    return f"{'group' if len(people.groups) == 1 else 'groups'} {', '.join(sorted(people.groups))}"


def _stuck(terms: Terms) -> frozenset[str]:
    """The named approvers who may ask, and for whom too few other named users remain."""
    approvers, requesters = NamedPeople.of(terms.approvers).users, NamedPeople.of(terms.requesters)
    if len(approvers) > terms.required:
        return frozenset()
    return approvers & requesters.users if requesters.users and not requesters.groups else approvers


def _example(match: str) -> str:
    """A name that the pattern matches, if it has no brackets."""
    return re.sub(r"[*?]", "x", match)
