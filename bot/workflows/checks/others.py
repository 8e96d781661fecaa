"""What is checked before the actions that have few checks of their own."""

from collections.abc import Iterator
from datetime import timedelta

from bot.planetscale.models import Workflow
from bot.subjects.findings import VERIFIED_CLEAN, Finding, note, passed, warn
from bot.workflows.checks.check_words import rounded
from bot.workflows.checks.facts import Facts, target
from bot.workflows.facts.kind import WorkflowKind
from bot.workflows.facts.moments import since, stamp
from bot.workflows.facts.progress import AT_INDEX_STEP, copy_of
from bot.workflows.facts.schema_changes import schema_change
from bot.workflows.facts.states import State, state_of
from bot.workflows.facts.verification import FRESH_FOR, DataVerdict, verification

AN_HOUR = timedelta(hours=1)


def cut_over_long_ago(facts: Facts, workflow: Workflow) -> Iterator[Finding]:
    """`complete`: the application had time to show that it does without the source tables."""
    if facts.kind(workflow) is WorkflowKind.IMPORT:
        at = workflow.switch_primaries_at
        served = f"on PlanetScale{since(at)}"
        yield passed("cut-over", f"Writes {served}", f"writes {served}")
        return
    at = workflow.cutover_at
    if at and facts.now - at < AN_HOUR:
        yield warn("cut-over", f"Cut over at {stamp(at)}, less than an hour before this check.")
        return
    when = f" at {stamp(at)}" if at else ""
    never = "" if workflow.reversed_cutover_by else ", routing rules never had to be restored"
    yield passed("cut-over", f"Cut over{when}{never}", f"cut over{when}{never}")


def no_traffic(_: Facts, workflow: Workflow) -> Iterator[Finding]:
    """`cancel`: nothing is served from what is deleted; otherwise the state does not allow it."""
    where = target(workflow)
    yield passed("no-traffic", f"No traffic is on {where}", f"no traffic is on {where}")


def no_index_build(_: Facts, workflow: Workflow) -> Iterator[Finding]:
    """`cancel`: it would not wait behind an index. One read cannot show that rows stand still."""
    building = _building_indexes(workflow)
    if not building:
        yield passed("index-build", "No table seems to be building indexes")
        return
    which = building[0] if len(building) == 1 else "One of the tables"
    wait = "cancelling may wait for that, for hours"
    yield warn("index-build", f"{which} seems to be building indexes: {wait}.")


def _building_indexes(workflow: Workflow) -> list[str]:
    """Tables that may be: those nearly there, unless another one is being copied at the moment."""
    if state_of(workflow.state) is not State.COPYING or workflow.defer_secondary_keys is False:
        return []
    copy = copy_of(workflow)
    percents = {
        table.name: table.percent or 0 for table in (copy.tables if copy and not copy.finished else ())
    }
    for table in workflow.tables or ():
        if table.rows_percentage is not None and table.name in percents:
            percents[table.name] = int(table.rows_percentage)
    if any(0 < percent < AT_INDEX_STEP for percent in percents.values()):
        return []
    return [name for name, percent in percents.items() if percent >= AT_INDEX_STEP]


def no_verification(_: Facts, workflow: Workflow) -> Iterator[Finding]:
    """`cancel`: no verification is lost."""
    if state_of(workflow.state) is State.VERIFYING_DATA:
        yield warn("verifying", "A verification is running; it ends with the workflow.")
    else:
        yield passed("verifying", "No verification is running")


def worth_verifying(facts: Facts, workflow: Workflow) -> Iterator[Finding]:
    """`verify-data`: the last one does not count any more."""
    found = verification(workflow, facts.now)
    if found.verdict is not DataVerdict.CLEAN or found.at is None:
        yield passed(VERIFIED_CLEAN, "There is no fresh verification yet")
        if found.verdict is DataVerdict.RUNNING:
            at = since(facts.verification_stands_since)
            yield warn("verification-stands", f"One runs already and has not got on{at}.")
        return
    until = stamp(found.at + FRESH_FOR)
    yield warn(VERIFIED_CLEAN, f"Verified clean at {stamp(found.at)}; that counts until {until}.")


def nothing_copied_twice(_: Facts, workflow: Workflow) -> Iterator[Finding]:
    """`retry`: whether it continues or starts over, PlanetScale does not say for certain."""
    copy = copy_of(workflow)
    rows = copy.copied if copy else sum(stream.rows_copied or 0 for stream in workflow.streams or ())
    if rows:
        yield warn("starts-over", f"It may start over: about {rounded(rows)} rows would be copied again.")
    elif workflow.data_copy_completed_at:
        yield warn("starts-over", "It may start over: all rows would be copied again.")
    else:
        yield passed("starts-over", "No rows have been copied yet")


def no_schema_change(_: Facts, workflow: Workflow) -> Iterator[Finding]:
    """`retry`: what stopped it will not stop it again."""
    if schema_change(workflow):
        yield warn("ddl", "A schema change stopped it. Compare the schemas first.")
    else:
        yield passed("ddl", "No schema change is reported")


def replication_back(_: Facts, workflow: Workflow) -> Iterator[Finding]:
    """`reverse-traffic`: once writes moved, they have been replicated back; how well is not read."""
    if workflow.primaries_switched or state_of(workflow.state) is State.SWITCHED_PRIMARIES:
        yield note("replication-back", "Whether the replication back is healthy is not read by this bot.")
