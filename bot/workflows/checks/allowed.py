"""What the state of a workflow allows, by what is known without any look-up. No text or button offers more.

A check of its own may still refuse it, or ask for `--force`; that is told to whoever asks.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from bot.commands.model import ActionName
from bot.planetscale.calls import WorkflowCall
from bot.planetscale.models import Keyspace, Workflow
from bot.planetscale.refs import WorkflowRef
from bot.workflows.actions.registry import named
from bot.workflows.checks.check_run import state_allows
from bot.workflows.checks.facts import Facts, source
from bot.workflows.facts.kind import WorkflowKind

_ACTIONS: Final = frozenset(ActionName)
_COMMAND: Final = re.compile(r"/workflow ([a-z-]+)( [^`\n]*--replicas-only)?")


@dataclass(frozen=True, slots=True)
class Allowed:
    """One workflow at one moment."""

    ref: WorkflowRef
    workflow: Workflow
    now: datetime
    kind: WorkflowKind
    """What the workflow or its source keyspace says of it."""
    switch_tried_at: datetime | None = None
    """When the bot last sent a switch, whatever came of it."""
    verification_stands_since: datetime | None = None
    """Since when the verification that runs was seen not to get on; `None` while it does, or may."""

    def call(self, call: WorkflowCall) -> bool:
        """Whether `call` may be asked for."""
        known = self.kind is not WorkflowKind.UNKNOWN
        imported = Keyspace(name=source(self.workflow), imported=self.kind is WorkflowKind.IMPORT)
        facts = Facts(
            ref=self.ref,
            call=call,
            now=self.now,
            workflow=self.workflow,
            keyspaces=(imported,) if known else (),
            switch_tried_at=self.switch_tried_at,
            verification_stands_since=self.verification_stands_since,
        )
        return state_allows(facts, self.workflow)

    def text(self, text: str) -> bool:
        """Whether every command in `text` that acts on the workflow may be typed."""
        calls = (
            named(ActionName(command), replicas_only=bool(replicas_only)).call
            for command, replicas_only in _COMMAND.findall(text)
            if command in _ACTIONS
        )
        return all(self.call(call) for call in calls if call)
