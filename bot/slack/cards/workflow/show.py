"""The answer to `show`: one workflow, read just now."""

from datetime import datetime

from bot.approvals.terms import Gate
from bot.operations.model import Story
from bot.planetscale.calls import WorkflowCall
from bot.planetscale.models import Workflow
from bot.planetscale.refs import WorkflowRef
from bot.slack.cards.blocks.bars import counted, table_bars, tables_shown, total_bar
from bot.slack.cards.blocks.rich import At, Card, Message, Part, bold, code, shorten
from bot.slack.cards.blocks.templates import Parts
from bot.slack.cards.blocks.words import ago, count, duration, first_line, names, plural, remaining
from bot.slack.cards.operation.view import View, people_behind
from bot.slack.cards.workflow.differing import differences
from bot.slack.cards.workflow.headline import headline
from bot.workflows.checks.allowed import Allowed
from bot.workflows.facts.kind import WorkflowKind, kind_of
from bot.workflows.facts.progress import (
    AT_INDEX_STEP,
    Copy,
    TableProgress,
    catching_up,
    copy_of,
    copy_time,
    finished_at,
    throttled,
)
from bot.workflows.facts.states import AFTER_CUTOVER, COPIED, ENDED, State, state_of
from bot.workflows.facts.traffic import Traffic, traffic
from bot.workflows.facts.verification import DataVerdict, Verification, verification
from bot.workflows.guidance import Guidance, guidance

_DDL = {
    "STOP": "stop the workflow",
    "EXEC": "run on the target too",
    "EXEC_IGNORE": "run on the target too, failures ignored",
    "IGNORE": "are ignored",
}
_REPLICATES_FORWARD = frozenset({State.PENDING, State.COPYING, State.SWITCHED_REPLICAS, *COPIED})


def show_card(
    ref: WorkflowRef,
    workflow: Workflow,
    now: datetime,
    kind: WorkflowKind | None = None,
    *,
    stands: bool = False,
    switch_tried_at: datetime | None = None,
    created: Story | None = None,
) -> Message:
    """Everything that a person needs about one workflow, most important first.

    `kind` is what the source keyspace says of it, if that was read; else the workflow's own word counts.
    `stands`: it is read for days, so it gives moments instead of ages. `switch_tried_at`: when the bot last
    sent a switch of it. `created`: how it was created through the bot: PlanetScale names only the bot.
    """
    kind = kind or kind_of(workflow)
    card = Card()
    card.line(*_head(workflow, now, stands=stands), bold(f" · {ref} {workflow.name}"))
    card.line(*_traffic(traffic(workflow)))
    card.line(*_about(workflow, kind, created, now), *((" · read ", At(now)) if stands else (" · read now",)))
    _deleted(card, workflow)
    _errors(card, workflow)
    _copy(card, workflow, now)
    again = Allowed(ref, workflow, now, kind, switch_tried_at).call(WorkflowCall.VERIFY_DATA)
    _verification(card, workflow, now, stands=stands, again=again)
    if state_of(workflow.state) in _REPLICATES_FORWARD:
        card.line(_streams(workflow, now))
        card.line(_rules(workflow))
    _ending(card, workflow)
    _guidance(card, guidance(ref, workflow, now, kind, switch_tried_at))
    return card.message(_notice(ref, workflow, headline(workflow, now, brief=stands)))


def brief_card(
    ref: WorkflowRef, workflow: Workflow, now: datetime, kind: WorkflowKind, switch_tried_at: datetime | None
) -> Message:
    """The same in brief, to stand for days under a link: who serves what, and what comes next."""
    card = Card()
    card.line(*_head(workflow, now, stands=True), bold(f" · {ref} {workflow.name}"))
    card.line(*_traffic(traffic(workflow)), " · read ", At(now))
    _errors(card, workflow)
    _guidance(card, guidance(ref, workflow, now, kind, switch_tried_at))
    return card.message(_notice(ref, workflow, headline(workflow, now, brief=True)))


def _notice(ref: WorkflowRef, workflow: Workflow, state: str) -> str:
    found = traffic(workflow)
    serving = "not certain" if found.doubt else found.writes or "not reported"
    return f"{ref} {shorten(workflow.name, 60)}: {state}. Writes: {serving}."


def _head(workflow: Workflow, now: datetime, *, stands: bool) -> tuple[Part, ...]:
    """The state; with its age, or (`stands`) with its moment, where it has one that is not said below."""
    state = bold(headline(workflow, now, brief=stands))
    moment = {
        State.SWITCHED_REPLICAS: workflow.switch_replicas_at,
        State.SWITCHED_PRIMARIES: workflow.switch_primaries_at,
        State.CUTOVER: workflow.cutover_at,
    }.get(state_of(workflow.state) or State.ERROR)
    return (state, " ", At(moment)) if stands and moment else (state,)


def _traffic(found: Traffic) -> tuple[Part, ...]:
    if found.doubt:
        return ("❓ Writes: not certain · Replica reads: not certain. ", found.doubt)
    unknown = "not reported by PlanetScale"
    return (
        "Writes: ",
        bold(found.writes or unknown),
        " · Replica reads: ",
        bold(found.replica_reads or unknown),
    )


def _about(workflow: Workflow, kind: WorkflowKind, created: Story | None, now: datetime) -> tuple[Part, ...]:
    source = workflow.source_keyspace.name if workflow.source_keyspace else "?"
    target = workflow.target_keyspace.name if workflow.target_keyspace else "?"
    shards = {stream.target_shard for stream in workflow.streams or () if stream.target_shard}
    parts: list[Part] = [f"{source} → {target}"]
    if shards:
        parts.append(f" ({plural(len(shards), 'shard')})")
    if kind is WorkflowKind.IMPORT:
        parts.append(" · import from an external database")
    if workflow.branch:
        parts.append(f" · {workflow.branch.name}")
    starter = _starter(workflow, created, now)
    parts += starter
    if workflow.created_at:
        parts += [", " if starter else " · since ", At(workflow.created_at)]
    return tuple(parts)


def _starter(workflow: Workflow, created: Story | None, now: datetime) -> Parts:
    """` · started by Ana`; ` · asked by Ana, approved by Ben` where others had to agree."""
    if created is None:
        account = workflow.actor.display_name if workflow.actor else None
        return (f" · started by {account}",) if account else ()
    did = "asked" if created.approved_by and created.operation.gate is Gate.PEER else "started"
    return (f" · {did} by ", *people_behind(View(created, now, created.operation.names)))


def _deleted(card: Card, workflow: Workflow) -> None:
    tables = names([table.name for table in workflow.tables or ()]) or "the moved tables"
    verb = "is" if len(workflow.tables or ()) == 1 else "are"
    state = state_of(workflow.state)
    cut_over = state in {State.CUTOVER, State.REVERSED_CUTOVER} or workflow.cutover_at
    if state in AFTER_CUTOVER and cut_over and workflow.source_keyspace:
        card.line(f"{tables} {verb} deleted from {workflow.source_keyspace.name}")
    if state is State.CANCELLED and workflow.target_keyspace:
        card.line(f"The copies in {workflow.target_keyspace.name} are deleted")


def _errors(card: Card, workflow: Workflow) -> None:
    state = state_of(workflow.state)
    if state is State.STOPPED and not workflow.primaries_switched:
        target = workflow.target_keyspace.name if workflow.target_keyspace else "the target"
        card.line(f"Replication stands still; {target} falls behind.")
    said = first_line(workflow.workflow_errors or "")
    if said:
        card.line("PlanetScale says: ", code(said))
    if state in ENDED:
        return
    for info, shards in _stream_errors(workflow).items():
        if not info or info != said:
            card.line(_reporting(shards, workflow), ": " if info else ".", code(shorten(info, 200)))


def _stream_errors(workflow: Workflow) -> dict[str, list[str]]:
    """What streams say that are in error, each text once, with the shards that say it."""
    found: dict[str, list[str]] = {}
    for stream in workflow.streams or ():
        if (stream.state or "").lower() == "error":
            found.setdefault(first_line(stream.info or ""), []).append(stream.target_shard or "-")
    return found


def _reporting(shards: list[str], workflow: Workflow) -> str:
    if len(shards) == 1:
        return f"⚠️ Stream {shards[0]} reports an error"
    if len(shards) == len(workflow.streams or ()):
        return f"⚠️ All {len(shards)} streams report it"
    return f"⚠️ Streams {names(shards)} report an error"


def _copy(card: Card, workflow: Workflow, now: datetime) -> None:
    copy = copy_of(workflow)
    if copy is None:
        card.line("Progress: not reported by PlanetScale")
        return
    if copy.finished:
        took = copy_time(workflow)
        listed = names([_with_rows(table) for table in copy.tables])
        card.line(f"Copied in {duration(took)}: " if took else "Copied: ", listed)
        return
    if state_of(workflow.state) in ENDED:
        card.line("Tables: ", names([table.name for table in copy.tables]))
        return
    _bars(card, copy)
    _why_it_stands(card, workflow, copy, now)


def _with_rows(table: TableProgress) -> str:
    return f"{table.name} (about {count(table.copied)} rows)" if table.copied is not None else table.name


def _bars(card: Card, copy: Copy) -> None:
    shown = tables_shown(copy)
    card.monospaced([total_bar(copy), *table_bars(shown)])
    if len(copy.tables) > len(shown):
        card.line(counted(copy))


def _why_it_stands(card: Card, workflow: Workflow, copy: Copy, now: datetime) -> None:
    if state_of(workflow.state) is not State.COPYING:
        return
    held = throttled(workflow, now)
    if held:
        card.line(
            "Held back by the throttler on ",
            code(held.component_throttled or ""),
            f" (stream {held.target_shard or '-'}) to protect the database. It goes on by itself.",
        )
    elif catching_up(workflow):
        card.line("All rows are counted; PlanetScale has not called the copy complete yet. No estimate.")
    elif workflow.defer_secondary_keys:
        full = [t.name for t in copy.tables if not t.full and (t.percent or 0) >= AT_INDEX_STEP]
        if full:
            card.line(f"Rows may stand still while indexes are built on {names(full)}. That can take hours.")


def _verification(card: Card, workflow: Workflow, now: datetime, *, stands: bool, again: bool) -> None:
    """`again`: it may be asked for."""
    if state_of(workflow.state) in AFTER_CUTOVER | {State.PENDING, State.COPYING, State.CANCELLED}:
        return
    if workflow.data_copy_completed_at is None and workflow.vdiff is None:
        return
    found = verification(workflow, now)
    card.line("Verification: ", *_verdict(found, workflow, None if stands else now, counts=again))
    if found.differences:
        source = workflow.source_keyspace.name if workflow.source_keyspace else "the source"
        target = workflow.target_keyspace.name if workflow.target_keyspace else "the target"
        card.monospaced(differences(found.differences, source, target))


def _verdict(
    found: Verification, workflow: Workflow, now: datetime | None, *, counts: bool
) -> tuple[Part, ...]:
    """`now`: for its age, where that is given. `counts`: it can be made again, so advice follows from it."""
    at: tuple[Part, ...] = (At(found.at),) if found.at else ("a time that is not reported",)
    match found.verdict:
        case DataVerdict.NEVER:
            return ("never. Nothing compares the data until you verify it.",)
        case DataVerdict.RUNNING:
            left = f", about {remaining(found.seconds_left)} left" if found.seconds_left else ""
            share = "no percentage reported" if found.percent is None else f"about {found.percent} %"
            return ("running since ", *at, f" · {share}{left}")
        case DataVerdict.CLEAN | DataVerdict.STALE:
            return ("clean, ", *at, *_age(found, workflow, now, counts=counts))
        case DataVerdict.DIFFERS:
            rows = plural(found.rows, "row") if found.rows else "an unknown number of rows"
            return (f"{rows} differ, found ", *at)
        case DataVerdict.BROKE_OFF:
            ended: tuple[Part, ...] = (" (", code(found.ended_as), ")") if found.ended_as else ()
            return ("broke off", *ended, ". Nothing is known about the data.")
        case DataVerdict.OUTDATED:
            later: tuple[Part, ...] = (At(found.overtaken_at),) if found.overtaken_at else ()
            return (
                "clean, ",
                *at,
                f", but that was before {found.overtaken} (",
                *later,
                "). Verify again." if counts else ").",
            )
        case DataVerdict.NO_REPORT:
            return ("PlanetScale says verified but gave no report. Look at the dashboard.",)


def _age(found: Verification, workflow: Workflow, now: datetime | None, *, counts: bool) -> tuple[Part, ...]:
    """What follows from how old a clean verification is."""
    tables = len(workflow.tables or ())
    scope = f" · {plural(tables, 'table')}, all shards" if tables else ""
    if found.verdict is DataVerdict.CLEAN:
        fresh = counts and found.fresh_until
        return (scope, " · counts as fresh until ", At(fresh)) if fresh else (scope,)
    age = f" ({ago(found.at, now)})" if found.at and now else ""
    if not counts:
        return (age,)
    by_planetscale = workflow.verified_data_stale
    why = "PlanetScale counts it as stale" if by_planetscale else "It is older than 24 h"
    return (f"{age}. {why}. Verify again.",)


def _streams(workflow: Workflow, now: datetime) -> str:
    streams = workflow.streams
    if not streams:
        return "Streams: not reported · lag: not read by this bot"
    if state_of(workflow.state) is State.VERIFYING_DATA:
        return f"Streams: {len(streams)} · they pause for moments while verifying, that is normal"
    going = sum((stream.state or "").lower() in {"running", "copying", "lagging"} for stream in streams)
    held = "throttled" if throttled(workflow, now) else "not throttled"
    return f"Streams: {going} of {len(streams)} running · {held} · lag: not read by this bot"


def _rules(workflow: Workflow) -> str:
    action = workflow.on_ddl
    words = _DDL.get(action or "")
    ddl = f"{words} ({action})" if words else action or "not reported"
    deferred = {True: "built after each table", False: "built while copying", None: "not reported"}
    return (
        f"Schema changes while it runs: {ddl} · secondary indexes: {deferred[workflow.defer_secondary_keys]}"
        + (" · sequence tables: applied" if workflow.sequence_tables_applied else "")
    )


def _ending(card: Card, workflow: Workflow) -> None:
    ended = finished_at(workflow)
    if state_of(workflow.state) in ENDED and ended:
        took = f" · took {duration(ended - workflow.created_at)}" if workflow.created_at else ""
        card.line("Finished ", At(ended), took)


def _guidance(card: Card, found: Guidance) -> None:
    if found.back_command:
        card.line("↩️ Way back", f" {found.back}" if found.back else None, ": ", code(found.back_command))
    for sentence in found.first:
        card.line(sentence)
    if found.next or found.next_command:
        gap = " " if found.next and found.next_command else ""
        card.line("Next: ", found.next, gap, code(found.next_command) if found.next_command else None)
