"""What holds for a request just now: its workflow as read, the checks, the rule, and the digest of it all."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection

from bot.approvals.digest import Argument, AskedFor, digest
from bot.approvals.policy import Rule
from bot.approvals.terms import Gate
from bot.operations.model import OUTCOME_OPEN, Operation, State
from bot.operations.services import Services
from bot.operations.steps.readback import Readback
from bot.operations.storage import repository
from bot.operations.storage.observed_states import observed_state_of
from bot.operations.subject_kind import Checked, Own
from bot.runtime.tasks import give_up
from bot.subjects.findings import Report
from bot.subjects.model import Snapshot

GOOD_FOR: Final = 1.0
"""Seconds for which a look that was begun ahead waits for whoever needs it; then it is made anew."""


@dataclass(frozen=True, slots=True)
class Assessment:
    """What was found about a request, ready to be written down."""

    operation: Operation
    rule: Rule
    report: Report
    unread_since: datetime | None
    """PlanetScale could not be read: it goes by what was seen then."""


@dataclass(frozen=True, slots=True)
class Looked:
    """What the checks go by."""

    began: datetime
    own: Own
    """The bot's own history, as it was before the read began: what ends meanwhile is in the way still."""
    read: Any
    ended: float
    """By the monotonic clock."""


class Assessor:
    """Looks at what a request is about. Changes nothing."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._readback = Readback(services)
        self._ahead: dict[str, asyncio.Task[Looked]] = {}

    def begin(self, operation: Operation) -> None:
        """Look at it now already, for the next `assess` of it. Whoever begins ends it with `drop`."""
        if operation.id not in self._ahead:
            self._ahead[operation.id] = asyncio.create_task(self._look(operation))

    def drop(self, operation_id: str) -> None:
        """Nobody waits any more for what was begun."""
        if task := self._ahead.pop(operation_id, None):
            give_up(task)

    async def assess(self, operation: Operation) -> tuple[Assessment, Checked]:
        """Read what the checks need and run them, with the rule that holds now."""
        checked = await self._checked(operation)
        rule = rule_of(self._services, operation, checked.known)
        seen = replace(
            operation,
            seen=checked.known,
            **checked.learned,
            way_back_alone=self._way_back_alone(operation),
            report=checked.report,
            checked_at=self._services.clock.now(),
            gate=rule.gate,
            required=rule.required,
            approvers=rule.approvers.ids,
            notify=rule.notify,
            deny_reason=rule.deny_reason,
            hide_errors=rule.hide_errors,
        )
        unread_since = checked.known_at if checked.snapshot is None else None
        digested = replace(seen, digest=_digest_of(seen, checked.shown))
        return Assessment(digested, rule, checked.report, unread_since), checked

    async def _checked(self, operation: Operation) -> Checked:
        """What the checks say. Where that proves how another request ended, it is in no way any more."""
        looked = await self._begun(operation) or await self._look(operation)
        own, checked = self._check(operation, looked)
        if operation.ref and checked.snapshot and any(one.state in OUTCOME_OPEN for one in own.open):
            began, seen = looked.began, checked.snapshot
            await self._services.database.write(self._readback.seen, operation.ref, seen, began)
            own, checked = self._check(operation, await self._look(operation))
        return checked

    async def _begun(self, operation: Operation) -> Looked | None:
        """What was begun ahead, unless it has grown old since."""
        task = self._ahead.pop(operation.id, None)
        if task is None:
            return None
        looked = await task
        return looked if self._services.clock.monotonic() - looked.ended <= GOOD_FOR else None

    async def _look(self, operation: Operation) -> Looked:
        began = self._services.clock.now()
        own = await self._services.database.read(self._own, operation)
        read = await self._services.kind_of(operation).read(operation, own)
        return Looked(began, own, read, self._services.clock.monotonic())

    def _check(self, operation: Operation, looked: Looked) -> tuple[Own, Checked]:
        own = replace(looked.own, open=tuple(one for one in looked.own.open if _counts(one, operation)))
        soak = self._services.policy.terms_for(operation.organization, operation.database).soak
        return own, self._services.kind_of(operation).check(operation, own, soak, looked.read)

    def _own(self, connection: Connection, operation: Operation) -> Own:
        others = tuple(repository.open_on(connection, operation))
        sent = tuple(repository.sent_before(connection, operation)) if operation.ref else ()
        doubts = tuple(_doubts(sent, self._services.clock.now()))
        links = {one.id: self._services.board.link(connection, one.id) for one in (*others, *doubts)}
        known = {operation_id: link for operation_id, link in links.items() if link}
        observed = observed_state_of(connection, operation.ref) if operation.ref else None
        return Own(others, known, doubts, sent, repository.last_read(connection, operation), observed)

    def _way_back_alone(self, operation: Operation) -> bool:
        terms = self._services.policy.terms_for(operation.organization, operation.database)
        ways = self._services.kind_of(operation).ways_back()
        return all(terms.names(name) is not Gate.PEER for name in ways)


def rule_of(services: Services, operation: Operation, snapshot: Snapshot | None) -> Rule:
    """The rule that holds for it, by what is known of its subject; `None` where nothing was read."""
    return services.kind_of(operation).rule(services.policy, operation, snapshot)


def is_open_question(other: Operation) -> bool:
    """A question that only its requester sees and has not answered: it is in nobody's way."""
    return other.gate is Gate.CONFIRM and other.state is State.WAITING


def _doubts(sent: Sequence[Operation], now: datetime) -> Iterator[Operation]:
    """Those that may still take effect, the latest first.

    Once a later change was read back as done, what was lost before it is not waited for any more.
    """
    for one in sent:
        if one.state is State.SUCCEEDED and not one.action.starts_verification:
            return
        until = one.in_doubt_until
        if until and now < until:
            yield one


def _counts(other: Operation, operation: Operation) -> bool:
    """Whether `other` is looked at by the checks of `operation`.

    Of two that both may run and ask for the same, the one that was asked first is not held up by the other:
    else each would give way to the other, and nothing would be sent.
    """
    if is_open_question(other):
        return False
    same = other.wish == operation.wish and operation.state is State.READY
    later = (other.asked_at, other.id) > (operation.asked_at, operation.id)
    return not (same and later and other.state in {State.WAITING, State.READY})


def _digest_of(operation: Operation, shown: Mapping[str, Argument]) -> str:
    """What people decide about, as one short text."""
    return digest(
        AskedFor(
            organization=operation.organization,
            database=operation.database,
            action=operation.action.name,
            arguments=_arguments(operation),
            force=operation.force,
            required=operation.required,
            approvers=operation.approvers,
            shown=shown,
        )
    )


def _arguments(operation: Operation) -> dict[str, Any]:
    return {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in operation.arguments.items()
    } | {"call": operation.action.code or "CREATE"}
