"""What is checked before traffic is switched, in both forms."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from bot.planetscale.models import Stream, Workflow
from bot.subjects.findings import DIFFERS, Finding, Level, block, note, passed, warn
from bot.workflows.checks.backups import going_on
from bot.workflows.checks.check_words import length, names, plural, quote
from bot.workflows.checks.facts import Facts, branch, source, target
from bot.workflows.facts.kind import WorkflowKind
from bot.workflows.facts.moments import since, stamp
from bot.workflows.facts.progress import throttled
from bot.workflows.facts.states import State, state_of
from bot.workflows.facts.verification import DataVerdict, Verification, verification

_BETTER = "--replicas-only first, look, then the writes"
RECENT = timedelta(minutes=15)
"""Replica reads that moved later than this have hardly been looked at."""


def streams(_: Facts, workflow: Workflow) -> Iterator[Finding]:
    """Every stream runs."""
    if workflow.streams is None:
        yield note("streams", "Streams: not reported by PlanetScale.")
        return
    broken = [stream for stream in workflow.streams if _state(stream) == "error"]
    for stream in broken[:1]:
        reports = f"Stream {_name(stream)} reports an error"
        said = quote(_message(stream))
        sentence = f"{reports}: {said}" if said else f"{reports}."
        yield Finding(Level.BLOCK, "stream-error", sentence, discreet=f"{reports}.")
    if not broken:
        yield passed("stream-error", "No stream reports an error")


def stopped_streams(_: Facts, workflow: Workflow) -> Iterator[Finding]:
    """No stream stands still. (A verification stops and starts them by itself; it is in the way anyhow.)"""
    if workflow.streams is None:
        return
    stopped = [stream for stream in workflow.streams if _state(stream) == "stopped"]
    for stream in stopped[:1]:
        logs = [log for log in stream.logs or () if (log.state or "").lower() == "stopped" and log.created_at]
        at = max((log.created_at for log in logs if log.created_at), default=None)
        is_so = f"has been stopped{since(at)}" if at else "is stopped"
        yield block("stream-stopped", f"Stream {_name(stream)} {is_so}.")
    if not stopped:
        yield passed("stream-stopped", "No stream is stopped")


def _state(stream: Stream) -> str:
    return (stream.state or "").lower()


def _name(stream: Stream) -> str:
    return stream.target_shard or str(stream.id or "?")


def _message(stream: Stream) -> str:
    logged = [
        log.message for log in stream.logs or () if log.message and (log.state or "").lower() == "error"
    ]
    return stream.info or (logged[-1] if logged else "")


@dataclass(frozen=True, slots=True)
class _Doubt:
    """Why the data may not be equal, and how much that weighs for replica reads and for writes."""

    code: str
    replicas: Level
    primaries: Level
    sentence: Callable[[Verification, Facts], str]


def _differs(found: Verification, _: Facts) -> str:
    advice = "Do not switch before you know why."
    if not found.differences:
        return f"Rows differ; PlanetScale gave no counts. {advice}"
    tables = names(tuple(dict.fromkeys(difference.table for difference in found.differences)))
    shards = len({difference.shard for difference in found.differences})
    verb = "differs" if found.rows == 1 else "differ"
    return f"{plural(found.rows, 'row')} {verb} in {tables} ({plural(shards, 'shard')}). {advice}"


def _outdated(found: Verification, _: Facts) -> str:
    at = stamp(found.overtaken_at) if found.overtaken_at else ""
    before = f"the retry of {at}" if found.overtaken_by == "retry" else f"traffic was reversed at {at}"
    return f"Verified before {before}. Verify again."


def _stands(_: Verification, facts: Facts) -> str:
    at = since(facts.verification_stands_since)
    return f"A verification runs and has not got on{at}. Nothing is known about the data."


def _stale(found: Verification, _: Facts) -> str:
    return (
        f"Verified clean at {stamp(found.at)}; that is stale." if found.at else "Verified clean, but stale."
    )


_DOUBTS = {
    DataVerdict.NEVER: _Doubt(
        "never-verified",
        Level.WARN,
        Level.WARN_FORCE,
        lambda _, facts: (
            "The data has never been verified. "
            f"Better: /workflow verify-data {facts.ref.database} {facts.ref.number}"
        ),
    ),
    DataVerdict.DIFFERS: _Doubt(DIFFERS, Level.WARN_FORCE, Level.WARN_FORCE, _differs),
    DataVerdict.BROKE_OFF: _Doubt(
        "verification-broke-off",
        Level.WARN,
        Level.WARN_FORCE,
        lambda found, _: (
            f"The last verification broke off{f' ({quote(found.ended_as)})' if found.ended_as else ''}."
        ),
    ),
    DataVerdict.OUTDATED: _Doubt("verified-before", Level.WARN, Level.WARN_FORCE, _outdated),
    DataVerdict.STALE: _Doubt("stale", Level.WARN, Level.WARN, _stale),
    DataVerdict.RUNNING: _Doubt("verification-stands", Level.WARN_FORCE, Level.WARN_FORCE, _stands),
    DataVerdict.NO_REPORT: _Doubt(
        "no-report", Level.WARN, Level.WARN, lambda *_: "PlanetScale says verified but gave no report."
    ),
}


def verified_for_replicas(facts: Facts, workflow: Workflow) -> Iterator[Finding]:
    """The data was compared and is equal: a doubt weighs less, for writes stay where they are."""
    return _verified(facts, workflow, lambda doubt: doubt.replicas)


def verified_for_writes(facts: Facts, workflow: Workflow) -> Iterator[Finding]:
    """The data was compared and is equal."""
    return _verified(facts, workflow, lambda doubt: doubt.primaries)


def _verified(facts: Facts, workflow: Workflow, weight: Callable[[_Doubt], Level]) -> Iterator[Finding]:
    """A state's name is no proof of it."""
    found = verification(workflow, facts.now)
    doubt = _DOUBTS.get(found.verdict)
    if doubt:
        yield Finding(weight(doubt), doubt.code, doubt.sentence(found, facts), amount=found.rows)
    elif found.verdict is DataVerdict.CLEAN:
        when = f" at {stamp(found.at)}" if found.at else ""
        yield passed("verified", f"Verified clean{when}", f"verified clean{when}")


def not_throttled(facts: Facts, workflow: Workflow) -> Iterator[Finding]:
    """Nothing holds the replication back."""
    held = throttled(workflow, facts.now)
    if held and held.component_throttled_at:
        until = f"{stamp(held.component_throttled_at)} ({quote(held.component_throttled or '')})"
        waits = "the switch waits for replication and may time out"
        yield warn("throttled", f"Throttled until {until}: {waits}.")
    elif workflow.streams is not None:
        yield passed("throttled", "Not throttled")


def schema_changes(_: Facts, workflow: Workflow) -> Iterator[Finding]:
    """No schema change passed the workflow by."""
    if workflow.on_ddl == "IGNORE":
        ignored = "Schema changes were ignored while it ran (IGNORE)"
        yield warn("ddl-ignored", f"{ignored}. Compare the schemas first.")
    elif workflow.on_ddl:
        yield passed("ddl-ignored", "Schema changes were not ignored")


def no_backup_running(facts: Facts, workflow: Workflow) -> Iterator[Finding]:
    """No backup is in the way. Nothing is said where backups could not be read."""
    if facts.backups is None:
        return
    backup = going_on(facts.backups)
    if backup is None:
        yield passed("backup-running", "No backup is running")
        return
    at = since(backup.started_at)
    runs = f"has been running{at}" if at else "is running"
    fails = "with some Vitess versions a switch fails meanwhile"
    yield warn("backup-running", f"A backup of {branch(workflow)} {runs}; {fails}.")


def look_first(*_: object) -> Iterator[Finding]:
    """What this bot does not read."""
    yield note("lag", "Look first: replication lag in the dashboard. This bot does not read it.")


def import_statement(facts: Facts, workflow: Workflow) -> Iterator[Finding]:
    """Only people know where an import's application writes. Also said if the kind is not known."""
    if facts.kind(workflow) is not WorkflowKind.MOVE:
        states = "By approving an import's primaries you state"
        yield note("import", f"{states} that the application is connected to PlanetScale.")


def replicas_first(facts: Facts, workflow: Workflow) -> Iterator[Finding]:
    """Replica reads were tried on the target before the writes."""
    where = target(workflow)
    if not workflow.replicas_switched and state_of(workflow.state) is not State.SWITCHED_REPLICAS:
        yield warn("replicas-untried", f"{_tried(facts, workflow)} Better: {_BETTER}.")
        return
    at = workflow.switch_replicas_at
    if at and facts.now - at < RECENT:
        only = f"{length(RECENT)} before this check"
        yield warn("replicas-recent", f"Replica reads moved at {stamp(at)}, less than {only}.")
    else:
        are = f"have been on {where}{since(at)}" if at else f"are on {where}"
        yield passed("replicas-untried", f"Replica reads {are}")


def _tried(facts: Facts, workflow: Workflow) -> str:
    """Whether replica reads were ever on the target, by PlanetScale's times and the bot's own history."""
    where, asked, back = target(workflow), workflow.switch_replicas_at, workflow.reversed_at
    moved = facts.replicas_tried_at or asked
    if moved is None:
        return f"Replica reads have not been tried on {where}."
    if back and back >= moved:
        return (
            f"Replica reads were on {where} from {stamp(moved)} until traffic was reversed at {stamp(back)}."
        )
    if facts.replicas_tried_at:
        return f"Replica reads were on {where} at {stamp(moved)}, and are not any more."
    return f"A switch of replica reads at {stamp(moved)} did not last."


def sequences(facts: Facts, workflow: Workflow) -> Iterator[Finding]:
    """Ids go on where a table gets sharded. Whether a table has AUTO_INCREMENT is not looked at."""
    left, right = facts.keyspace(source(workflow)), facts.keyspace(target(workflow))
    where = target(workflow)
    if right is None or right.sharded is None:
        yield note("sequences", f"Whether {where} is sharded could not be read.")
    elif right.sharded and not (left and left.sharded) and workflow.global_keyspace is None:
        unset = f"{where} is sharded and no global keyspace is set"
        yield warn("sequences", f"{unset}: tables with AUTO_INCREMENT need sequences.")
    else:
        yield passed("sequences", "Sequences have a keyspace, or are not needed")
