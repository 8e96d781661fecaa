"""The parts that the steps of an operation share."""

from collections.abc import Callable
from dataclasses import dataclass

from bot.approvals.policy import Policy
from bot.clock import Clock
from bot.operations.gather import Gatherer
from bot.operations.ports import Board, People, Teller
from bot.planetscale.organizations import Organizations
from bot.store.database import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What a worker works with."""

    database: Database
    planetscale: Organizations
    gatherer: Gatherer
    people: People
    teller: Teller
    board: Board
    policy: Policy
    clock: Clock
    default_channel: str | None
    """`WORKFLOW_BOT_CHANNEL`: for what has no channel of its own."""
    worker: str
    """A name for this process, new at every start."""
    can_tell: Callable[[], bool] = lambda: True
    """Whether Slack takes what people are to be told, as far as is known."""
