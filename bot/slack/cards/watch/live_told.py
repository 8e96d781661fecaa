"""What one stage of the live message consists of, and the lines that several stages share."""

from dataclasses import dataclass, replace
from typing import Final

from bot.slack.cards.blocks.rich import Line, Piece
from bot.slack.cards.blocks.templates import Parts
from bot.slack.cards.blocks.words import plural
from bot.slack.cards.watch.live_view import LiveView
from bot.slack.cards.workflow.headline import share
from bot.watch.model import Origin
from bot.workflows.facts.kind import WorkflowKind

UNREPORTED = "not reported"
THEN: Final = " (then)"
"""After what was so when it was read, and need not be so now."""


@dataclass(frozen=True, slots=True)
class StageText:
    """One stage in words."""

    head: Parts
    """The state, before the name."""
    body: tuple[Piece, ...] = ()
    tail: Parts = ()
    """After who serves what."""
    after: Parts = ()
    """After the name."""
    serves: Parts | None = None
    """Instead of the usual line about who serves what; an empty one: the body says it."""


def told(view: LiveView, head: str, *body: str, tail: str = "") -> StageText:
    """A stage whose words are templates."""
    lines = tuple(Line(view.fill(template)) for template in body if template)
    return StageText(view.fill(head), lines, view.fill(tail))


def with_share(view: LiveView, stage: StageText) -> StageText:
    """The stage, and how much is copied."""
    part = share(view.workflow)
    return replace(stage, head=(*stage.head, f" · {part}")) if part else stage


def serving(view: LiveView, then: str = "") -> Parts:
    """`Writes: commerce · Replica reads: commerce`; or that it is not certain. `then`: as it was."""
    found = view.traffic
    if found.doubt:
        return (f"❓ Writes{then}: not certain. ", found.doubt)
    writes, replicas = (view.cut(one) if one else UNREPORTED for one in (found.writes, found.replica_reads))
    return (f"Writes{then}: {writes} · Replica reads{then}: {replicas}",)


def writes(view: LiveView, then: str = "") -> str:
    """`Writes: commerce`"""
    found = view.traffic
    known = view.cut(found.writes) if found.writes else UNREPORTED
    return f"Writes{then}: {'not certain' if found.doubt else known}"


def about(view: LiveView, *, count_tables: bool = False) -> Line:
    """`commerce → customer (2 shards) · main · started by Ana, 16:02`"""
    workflow = view.workflow
    shards = {stream.target_shard for stream in workflow.streams or () if stream.target_shard}
    size = f" ({plural(len(shards), 'shard')})" if shards else " · streams: not reported"
    parts: list[str] = [f"{view.source} → {view.target}{size}"]
    if view.kind is WorkflowKind.IMPORT:
        parts.append("import from an external database")
    if workflow.branch:
        parts.append(view.branch)
    if count_tables and workflow.tables:
        parts.append(plural(len(workflow.tables), "table"))
    return Line((" · ".join(parts), *_started(view)))


def _started(view: LiveView) -> Parts:
    starter, actor, at = view.watch.started_by, view.workflow.actor, view.workflow.created_at
    name = actor.display_name if actor else None
    who = view.called(starter) if starter else view.cut(name) if name else None
    if who is None:
        return (" · since ", view.at(at)) if at else ()
    elsewhere = " outside this bot" if view.watch.origin is Origin.FOUND else ""
    return (f" · started{elsewhere} by ", who, *((", ", view.at(at)) if at else ()))


def way_back(view: LiveView) -> Line:
    """`↩️ /workflow reverse-traffic shop 3`"""
    return Line(view.fill("↩️ `/workflow reverse-traffic {place}`"))
