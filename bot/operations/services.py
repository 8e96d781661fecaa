"""What the steps of an operation share."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from bot.approvals.policy import Policy
from bot.clock import Clock
from bot.operations.model import Operation
from bot.operations.ports import CardBoard, Directory, Responder
from bot.operations.subject_kind import SubjectKind
from bot.runtime.figures import NO_FIGURES, Figures
from bot.store.engine.database import Database
from bot.subjects.model import Ref, Snapshot

OnRead = Callable[[Connection, Ref, Snapshot, datetime], None]
"""A subject was read in full, asked for at that moment: what others show of it follows, in the same
transaction."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """What a worker works with."""

    database: Database
    kind_of: Callable[[Operation], SubjectKind]
    """What the operation is about."""
    people: Directory
    responder: Responder
    board: CardBoard
    policy: Policy
    clock: Clock
    default_channel: str | None
    """`WORKFLOW_BOT_CHANNEL`: for what has no channel of its own."""
    worker: str
    """A name for this process, new at every start."""
    can_tell: Callable[[], bool]
    """Whether Slack takes what people are to be told, as far as is known."""
    on_read: OnRead
    """Told of each workflow that was read for an operation, in the transaction that concludes from it."""
    figures: Figures = NO_FIGURES
    """What the process counts."""
