"""Who counts is looked up again: when the last approval comes in, and just before anything is claimed."""

import asyncio
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, insert

from bot.approvals.groups import named_unread
from bot.approvals.people import NamedPeople, Standing
from bot.approvals.recount import Recount, recount, with_requester
from bot.approvals.terms import Gate
from bot.operations.announce import announce
from bot.operations.model import Decided, DecisionKind, Operation, State
from bot.operations.ports import Known
from bot.operations.services import Services
from bot.operations.steps.consent import case_of
from bot.operations.steps.lookup import look_up
from bot.operations.storage import repository, stories
from bot.store import audit
from bot.store.schema import decisions

GOOD_FOR: Final = 1.0
"""Seconds after its beginning for which a recount that was begun beside something else still counts."""
ASK_AGAIN: Final = timedelta(seconds=5)
"""How long until Slack is asked again about those of whom it said nothing."""


@dataclass(frozen=True, slots=True)
class Recounted:
    """Who still counts, and what Slack was found to say of them."""

    found: Recount
    known: tuple[Known, ...] = ()


@dataclass(frozen=True, slots=True)
class Counting:
    """A recount that is under way."""

    task: asyncio.Task[Recounted]
    fence: int
    """The operation's, when it was begun."""
    at: float
    """When that was, by the monotonic clock."""


class Recounter:
    """Asks Slack about everybody who counts, and draws the consequence."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def recount(self, operation: Operation) -> Recounted:
        """Ask about whoever asked and whoever approved, side by side. Changes nothing."""
        story = await self._services.database.read(stories.story, operation.id)
        approved = story.approved_by if story and operation.gate is Gate.PEER else ()
        return await self._ask(operation, approved)

    def begin(self, operation: Operation) -> Counting:
        """Recount beside something else, for `recounted`. Whoever begins it cancels its task in the end."""
        task = asyncio.create_task(self.recount(operation), name=f"recount {operation.id}")
        return Counting(task, operation.fence, self._services.clock.monotonic())

    async def recounted(self, operation: Operation, begun: Counting | None) -> Recounted:
        """What was begun, unless the operation has changed since or it was long ago: else a recount now."""
        if begun is None or begun.fence != operation.fence:
            return await self.recount(operation)
        took = self._services.clock.monotonic() - begun.at
        return await (begun.task if took <= GOOD_FOR else self.recount(operation))

    async def holds(self, operation: Operation, begun: Counting | None) -> bool:
        """Whether everybody still counts. Else it waits for people again, or for Slack, or it has ended."""
        recounted = await self.recounted(operation, begun)
        if recounted.found.holds:
            return True
        await self._services.database.write(self._follow, operation, recounted, self._services.clock.now())
        return False

    async def _ask(self, operation: Operation, approved: tuple[Decided, ...]) -> Recounted:
        """What goes back does so whether or not whoever asked is still there: they are not looked up."""
        if operation.action.goes_back:
            others = await self._approvers(operation, approved)
            return Recounted(_counted(operation, approved, others), others)
        terms = self._services.policy.terms_for(operation.organization, operation.database)
        requesters = NamedPeople.of(terms.requesters)
        requester, others = await asyncio.gather(
            look_up(self._services.people, operation.requester, requesters),
            self._approvers(operation, approved),
        )
        found = _counted(with_names(operation, (requester,)), approved, others)
        return Recounted(with_requester(found, requester.person, requesters), (requester, *others))

    async def _approvers(self, operation: Operation, approved: tuple[Decided, ...]) -> tuple[Known, ...]:
        named = NamedPeople.of(operation.approvers)
        asking = (look_up(self._services.people, one.user, named) for one in approved)
        return tuple(await asyncio.gather(*asking))

    def _follow(
        self, connection: Connection, operation: Operation, recounted: Recounted, now: datetime
    ) -> None:
        """What follows for an operation that is ready. Raises what `repository.move` does."""
        found, before = recounted.found, operation
        operation = with_names(operation, recounted.known)
        outcome = replace(operation.outcome, cause=why_not(operation, found), trouble=None, tries=0)
        kept: dict[str, Any] = {"names": operation.names, "identities": operation.identities}
        if found.requester_left:
            after = repository.move(connection, operation, State.SUPERSEDED, now, **kept, outcome=outcome)
        elif found.dropped:
            drop(connection, operation, found, now)
            kept |= {"approved_at": None, "execute_by": None, "next_read_at": None, "outcome": outcome}
            after = repository.move(connection, operation, State.WAITING, now, **kept)
        else:
            brief, tries = (outcome.cause or "").removesuffix("."), before.outcome.tries + 1
            outcome = replace(outcome, trouble=brief, tries=tries)
            after = repository.amend(
                connection, operation, **kept, next_read_at=now + ASK_AGAIN, outcome=outcome
            )
        announce(self._services.board, connection, before, after, now)


def _counted(operation: Operation, approved: tuple[Decided, ...], known: tuple[Known, ...]) -> Recount:
    people = {one.user: them.person for one, them in zip(approved, known, strict=True)}
    return recount(case_of(operation, approved), people)


def drop(connection: Connection, operation: Operation, found: Recount, now: datetime) -> None:
    """Write down whose approval does not count any more. Decisions are only ever added."""
    for user, why in found.dropped.items():
        row = {"operation_id": operation.id, "user_id": user, "kind": DecisionKind.DROPPED.value}
        connection.execute(insert(decisions), row | {"at": now, "reason": why})
        audit.record(connection, now, "bot", "dropped an approval", operation.id, of=user, why=why)


def why_not(operation: Operation, found: Recount) -> str | None:
    """A sentence about why it is not sent now, for what does not stand beside an approval."""
    if found.requester_left:
        return f"It was asked by {operation.called(operation.requester)}, who is {found.requester_left}."
    if found.dropped or not found.doubted:
        return None
    names = " and ".join(operation.called(user) for user in found.doubted)
    counts = "count" if len(found.doubted) > 1 else "counts"
    depends = f": that depends on who is in {named_unread(found.unread)}" if found.unread else ""
    return f"Slack does not say whether {names} still {counts}{depends}."


def with_names(operation: Operation, known: tuple[Known, ...]) -> Operation:
    """The operation, knowing what these people are called and which ids are one person's."""
    certain = [one for one in known if one.person.standing is not Standing.UNKNOWN]
    names = {one.person.id: one.name for one in certain if one.name != one.person.id}
    identities = {
        one.person.id: one.person.identity for one in certain if one.person.identity != one.person.id
    }
    return replace(
        operation,
        names={**operation.names, **names},
        identities={**operation.identities, **identities},
    )
