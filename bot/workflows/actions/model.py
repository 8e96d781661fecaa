"""What is true of one action: each file of this folder has one value of `Action`, and its variants.

`Action` has no defaults: a part that is missing is found by the type checker.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum

from bot.commands.model import ActionName
from bot.planetscale.calls import WorkflowCall
from bot.planetscale.models import Workflow
from bot.subjects.findings import Finding, Level
from bot.workflows.actions.words import After, Before, Meanwhile, Otherwise
from bot.workflows.checks.facts import Facts, Need
from bot.workflows.facts.deletion import Deletion, What, deletion
from bot.workflows.facts.kind import WorkflowKind
from bot.workflows.facts.states import State
from bot.workflows.observing.happenings import Happening

Reason = Callable[[Facts, Workflow], str | None]
Check = Callable[[Facts, Workflow], Iterable[Finding]]
REPLICAS_ONLY = "--replicas-only"


class Touches(Enum):
    """What an action may move or break while it is carried out."""

    NOTHING = "nothing"
    """Traffic is as it was, whatever becomes of it: nobody has to look at the application."""
    REPLICA_READS = "replica reads"
    """Writes certainly stay where they are."""
    WRITES = "writes"
    """Writes may wait or fail meanwhile, and where they are is not certain until it is read."""
    ROUTING_RULES = "routing rules"
    """Queries that name a keyspace may reach another one than before, or none."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Preflight:
    """What is looked at before it is asked for, drawn on a card, or sent."""

    allowed: Reason
    """Why the state does not allow it, as a sentence; `None` where it does."""
    checks: tuple[Check, ...]
    """Made once the state allows it, in the order in which they are told."""
    needs: frozenset[Need]
    """What has to be read for them, besides the workflow itself."""
    in_doubt: Callable[[WorkflowKind], Level]
    """How much it weighs that an earlier request may still take effect."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Traces:
    """Where an action leaves its traces: names of fields of `Workflow`."""

    by: str
    """Who did it, as PlanetScale names them."""
    at: str | None
    """When. `None` where PlanetScale keeps no time: then `by` is the evidence."""
    flags: tuple[tuple[str, bool], ...] = ()
    """Flags, and the value that each has once the action is done."""
    undone: tuple[str, ...] = ()
    """Times that change when somebody takes the action back."""
    new_report: bool = False
    """A verification's report that was not there before is a trace, too."""
    goes_along: bool = False
    """It is done along with a switch of primaries, which leaves its own traces."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Action:
    """One action, or one variant of it of which other words are true."""

    name: ActionName
    """Its sub-command."""
    flags: tuple[str, ...]
    """What is typed after the sub-command for this one."""
    call: WorkflowCall | None
    """The request to PlanetScale; `None` for the one that has a body and no workflow yet."""
    title: str
    """The first words of its card, for all of the card's life."""
    to_do: str
    """What somebody asks for, in a sentence: `Ana's request to … waits as well`."""
    variant: Callable[[Workflow | None, WorkflowKind], "Action"] | None
    """Which variant it is for a workflow as people were shown it, if it was read; `None`: it has none."""

    touches: Touches
    switches: bool
    """It moves traffic from the source to the target."""
    goes_back: bool
    """A way back. It must be fast: it goes by the last known state where nothing can be read."""
    deletes: What | None
    """What of tables it deletes for good."""
    after_deletion: bool
    """It may be asked for once the source tables are deleted."""
    only_starts: bool
    """It is done once something has begun. What comes of that is told of the workflow, not of the request."""
    starts_verification: bool
    ends_verification: bool
    """A verification that runs is not in its way: it ends with the workflow."""
    flags_hold: bool
    """Where it ends in an error PlanetScale's flag still says who serves writes: it moves none."""
    is_heavy: bool
    """It can hurt at once or for good: its buttons are red."""
    heard_by_all: bool
    """Its success is shown in the channel too; else it is a reply alone."""

    alone: str | None
    """What one person alone could do with it, where a policy lets them; `None`: nothing that lasts."""

    moves_in: tuple[State, ...]
    """The states while PlanetScale carries it out."""
    leads_to: frozenset[State]
    """The states to which it, and whatever takes it along, can bring a workflow."""
    causes: frozenset[Happening]
    """The news that it can be the reason of."""
    told_as: Happening | None
    """The news of its being done, where its traces say when that was."""
    is_done: Callable[[Workflow], bool]
    """Whether what was read says that it is done: by state and flags, never by times."""

    preflight: Preflight
    traces: Traces
    before: Before
    meanwhile: Meanwhile
    after: After
    otherwise: Otherwise

    @property
    def creates(self) -> bool:
        """There is no workflow until it is done."""
        return self.call is None

    @property
    def code(self) -> str | None:
        """The request as rows name it."""
        return self.call.name if self.call else None

    @property
    def moves_traffic(self) -> bool:
        """Whether it changes who serves replica reads or writes, in either direction."""
        return self.touches in {Touches.REPLICA_READS, Touches.WRITES}

    def deletion(self, workflow: Workflow, known_tables: Iterable[str] = ()) -> Deletion | None:
        """What it would delete, or `None` if nothing.

        `known_tables` are named where PlanetScale lists none: those of the bot's own `create`.
        """
        return deletion(self.deletes, workflow, known_tables) if self.deletes else None


def warns(_: WorkflowKind) -> Level:
    """An earlier request that may still take effect is said on the card."""
    return Level.WARN


def needs_force(_: WorkflowKind) -> Level:
    """An earlier request that may still take effect needs `--force`: this one deletes."""
    return Level.WARN_FORCE
