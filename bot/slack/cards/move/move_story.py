"""The story of a move, from what this bot keeps: stages with their times, requests with decisions."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.operations.model import Story
from bot.planetscale.models import Workflow
from bot.planetscale.refs import WorkflowRef
from bot.watch.model import Watch
from bot.watch.ports import News
from bot.workflows.facts.kind import WorkflowKind, kind_of
from bot.workflows.facts.move_stages import MoveStage, move_stages


@dataclass(frozen=True, slots=True)
class ToldStage:
    """A stage, with how long it took as far as its times were read."""

    stage: MoveStage
    took: timedelta | None = None
    """From when PlanetScale says that it began."""
    after: timedelta | None = None
    """Since the stage before it was reached."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveStory:
    """All that the bot knows of one workflow's life. Nothing in it was made up for the telling."""

    ref: WorkflowRef
    now: datetime
    workflow: Workflow | None = None
    """As this bot read it last, whoever asked for that; `None`: it never did."""
    read_at: datetime | None = None
    requests: tuple[Story, ...] = ()
    """The oldest first."""
    are_all: bool = True
    """No older requests are left out."""
    news: tuple[News, ...] = ()
    """What was told of it beside that, in the order in which it happened."""
    watch: Watch | None = None
    """`None`: it was never watched, so only its requests are known."""
    links: Mapping[str, str] = field(default_factory=dict)
    """Where the cards of its requests are, by operation id."""
    names: Mapping[str, str] = field(default_factory=dict)
    """What people and groups are called, by their Slack ids."""

    @property
    def kind(self) -> WorkflowKind:
        """As its watch or a request found it, else as the workflow itself says."""
        if self.workflow is None:
            return WorkflowKind.UNKNOWN
        known = getattr(self.watch and self.watch.observed, "kind", WorkflowKind.UNKNOWN)
        told = (known, *(WorkflowKind(one.kind) for one in reversed(self.requests)), kind_of(self.workflow))
        return next((one for one in told if one is not WorkflowKind.UNKNOWN), WorkflowKind.UNKNOWN)

    @property
    def stages(self) -> tuple[ToldStage, ...]:
        """The stages as last read; none where it never was."""
        if self.workflow is None:
            return ()
        told: list[ToldStage] = []
        before: datetime | None = None
        for stage in move_stages(self.workflow, self.kind, self.now):
            told.append(
                ToldStage(
                    stage, _between(stage.began_at, stage.reached_at), _between(before, stage.reached_at)
                )
            )
            before = stage.reached_at if stage.is_reached else before
        return tuple(told)

    @property
    def is_known(self) -> bool:
        """Whether this bot has ever seen anything of it."""
        return bool(self.workflow or self.requests or self.watch)


def _between(begun: datetime | None, ended: datetime | None) -> timedelta | None:
    """`None` where either is not known, or they are not in this order."""
    return ended - begun if begun and ended and ended >= begun else None
