"""The named approvers one by one: who they are at this moment, and which of them could approve."""

import asyncio
from dataclasses import dataclass, replace
from typing import Final

from bot.approvals.decide import Reason, cannot_count
from bot.approvals.people import NamedPeople
from bot.operations.model import Operation
from bot.operations.ports import Directory, Known
from bot.operations.steps.consent import case_of
from bot.operations.steps.lookup import ANSWERS_WITHIN, look_up

MOST_OF_A_GROUP: Final = 30
"""So many members of a user group are looked up, one request each; Slack allows about 100 a minute."""


@dataclass(frozen=True, slots=True)
class Candidates:
    """What was found of the named approvers."""

    able: tuple[Known, ...]
    """Who could approve now, each once, by the id that was named."""
    doubted: bool
    """Slack did not say it of somebody, or who is in a group."""


async def candidates(people: Directory, operation: Operation) -> Candidates:
    """Ask Slack about everybody whom the policy names for `operation`, side by side."""
    named = NamedPeople.of(operation.approvers)
    members = await asyncio.gather(*(_members(people, group) for group in sorted(named.groups)))
    everybody = named.users.union(*(found or frozenset() for found in members))
    each = NamedPeople(users=everybody)  # the groups have been asked: nobody depends on them any more
    known = await asyncio.gather(*(look_up(people, user, each) for user in sorted(everybody)))
    case = case_of(replace(operation, approvers=each.ids), ()) if everybody else None
    reasons = [case and cannot_count(case, one.person) for one in known]
    able: dict[str, Known] = {}
    for one, why in zip(known, reasons, strict=True):
        if why is None:
            able.setdefault(one.person.identity, one)
    return Candidates(tuple(able.values()), None in members or Reason.UNKNOWN_PERSON in reasons)


async def _members(people: Directory, group: str) -> frozenset[str] | None:
    """Some of a user group, no more than `MOST_OF_A_GROUP`; `None` if Slack does not say who is in it."""
    try:
        async with asyncio.timeout(ANSWERS_WITHIN):
            found = await people.members(group)
    except TimeoutError:
        return None
    return None if found is None else frozenset(sorted(found)[:MOST_OF_A_GROUP])
