"""What is checked before source tables are deleted.

Streams, throttling and the age of the verification are not: the forward workflow is paused on purpose once
primaries are switched.
"""

from collections.abc import Callable, Iterator
from datetime import timedelta

from bot.planetscale.models import Workflow
from bot.subjects.findings import Finding, Level, block, note, passed, warn, warn_force
from bot.workflows.checks import vschema
from bot.workflows.checks.backups import last_backup
from bot.workflows.checks.check_words import length, names, plural
from bot.workflows.checks.facts import Facts, branch, source, target
from bot.workflows.facts.deletion import What, deletion
from bot.workflows.facts.kind import WorkflowKind
from bot.workflows.facts.moments import stamp

A_DAY = timedelta(hours=24)


def tables_named(what: What) -> Callable[[Facts, Workflow], Iterator[Finding]]:
    """What is deleted can be said."""

    def check(facts: Facts, workflow: Workflow) -> Iterator[Finding]:
        tables = deletion(what, workflow, facts.known_tables).tables
        if tables:
            yield passed("tables", f"The tables are named: {names(tables)}")
            return
        unlisted = f"PlanetScale did not list the tables of {facts.ref}"
        yield block(
            "tables",
            f"{unlisted}, so this card could not say what is deleted. "
            "Look at the dashboard, and act with pscale.",
        )

    return check


def not_an_import(facts: Facts, workflow: Workflow) -> Iterator[Finding]:
    """An import ends otherwise."""
    match facts.kind(workflow):
        case WorkflowKind.IMPORT:
            yield block("import", "This is an import. It ends with complete, not with a cutover.")
        case WorkflowKind.UNKNOWN:
            yield note("import", "Whether this is an import could not be read.")
        case WorkflowKind.MOVE:
            yield passed("import", "This is no import")


def explicit_routing(facts: Facts, workflow: Workflow) -> Iterator[Finding]:
    """Queries without a keyspace's name find the tables afterwards."""
    where = f"{target(workflow)}'s VSchema"
    found = vschema.parse(facts.target_vschema)
    if found is None:
        must = "it must not have require_explicit_routing"
        yield warn_force("vschema-unread", f"{where} could not be read; {must}.")
    elif vschema.requires_explicit_routing(found):
        fail = "Remove it first, or queries fail with “table not found”."
        yield block("explicit-routing", f"{where} still has require_explicit_routing. {fail}")
    else:
        fine = f"{where} has no require_explicit_routing"
        yield passed("explicit-routing", fine, fine)


def soaked(facts: Facts, workflow: Workflow) -> Iterator[Finding]:
    """The target has served writes for long enough."""
    advice = "Recommended: a full day, with its peak."
    if workflow.switch_primaries_at is None:
        yield warn_force("soak", f"When writes moved is not known. {advice}")
        return
    moved, soaked_for = stamp(workflow.switch_primaries_at), facts.now - workflow.switch_primaries_at
    if soaked_for < max(facts.soak, A_DAY):
        too_soon = soaked_for < facts.soak
        level, least = (Level.WARN_FORCE, facts.soak) if too_soon else (Level.WARN, max(facts.soak, A_DAY))
        short = f"less than {length(least)} before this check"
        yield Finding(level, "soak", f"Writes moved at {moved}, {short}. {advice}")
    else:
        where = f"on {target(workflow)} since {moved}"
        yield passed("soak", f"Writes {where}", f"writes {where}")


def backed_up(facts: Facts, workflow: Workflow) -> Iterator[Finding]:
    """There is a backup of what is deleted."""
    if facts.backups is None:
        yield warn("backups-unread", "Backups could not be read.")
        return
    last = last_backup(facts.backups)
    if last is None or facts.now - last > A_DAY:
        yield warn("no-backup", f"No backup of {branch(workflow)} in the 24 h before this check.")
    else:
        yield passed("no-backup", f"Last backup of {branch(workflow)}: {stamp(last)}")


def not_forced(facts: Facts, _: Workflow) -> Iterator[Finding]:
    """Nobody switched primaries over known differences."""
    if facts.forced_over_rows:
        differed = f"{plural(facts.forced_over_rows, 'row')} differed"
        yield warn("forced", f"Primaries were switched with --force although {differed}.")
    else:
        yield passed("forced", "Primaries were not switched over known differences")


def statements(_: Facts, workflow: Workflow) -> Iterator[Finding]:
    """What only people know, and state by approving."""
    instead = "it uses @primary, @replica or no database name"
    yield note(
        "statement-names",
        f"the application no longer names {source(workflow)} for these tables ({instead})",
    )
    yield note("statement-errors", "errors and latency have been looked at since the switch")
