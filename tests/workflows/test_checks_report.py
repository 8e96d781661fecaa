from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.planetscale.calls import WorkflowCall
from bot.planetscale.models import Backup, Workflow
from bot.subjects.findings import Finding, Level, Report
from bot.workflows.checks.backups import last_backup
from bot.workflows.checks.check_run import needs, run_checks
from bot.workflows.checks.check_words import length, names, quote, rounded
from bot.workflows.checks.facts import Facts, Need, OpenRequest, RequestStage
from bot.workflows.facts.states import State
from tests.builders import CLEAN, NOW, REF, STREAMS, TABLES, a_workflow
from tests.workflows.checking import NEW, creating, facts, unread


def finding(level: Level, code: str = "x", amount: int = 0) -> Finding:
    return Finding(level, code, f"{level.name} {code}", amount=amount)


PASS, INFO, WARN, FORCE, BLOCK = Level


@pytest.mark.parametrize(
    ("earlier", "later", "worse"),
    [
        ([], [finding(WARN)], True),
        ([], [finding(BLOCK)], True),
        ([], [finding(INFO)], False),
        ([finding(PASS)], [finding(WARN)], True),
        ([finding(WARN)], [finding(WARN)], False),
        ([finding(WARN)], [finding(PASS)], False),
        ([finding(WARN)], [], False),
        ([finding(WARN)], [finding(FORCE)], True),
        ([finding(FORCE)], [finding(WARN)], False),
        ([finding(FORCE)], [finding(BLOCK)], True),
        ([finding(WARN, "x")], [finding(WARN, "y")], True),
        ([finding(FORCE, amount=17)], [finding(FORCE, amount=17)], False),
        ([finding(FORCE, amount=17)], [finding(FORCE, amount=900)], True),
        ([finding(FORCE, amount=900)], [finding(FORCE, amount=17)], False),
        ([finding(WARN), finding(BLOCK)], [finding(BLOCK)], False),
    ],
)
def test_what_is_worse(earlier: list[Finding], later: list[Finding], worse: bool) -> None:
    """Only a new or heavier warning or block is worse than before; an improvement is nothing."""
    found = Report(tuple(later)).worse_than(Report(tuple(earlier)))
    assert list(found) == (later if worse else [])


def test_a_verification_that_turned_stale_is_worse() -> None:
    """A card that was drawn with a fresh verification is out of date once that is stale."""
    drawn = facts(WorkflowCall.SWITCH_REPLICAS)
    sending = replace(drawn, now=NOW + timedelta(hours=23))
    worse = run_checks(sending).worse_than(run_checks(drawn))
    assert [finding.code for finding in worse] == ["stale"]


def test_somebody_elses_request_overturns_nothing() -> None:
    """A card does not go out of date because somebody asks for something else."""
    drawn = facts(WorkflowCall.SWITCH_REPLICAS)
    wish = OpenRequest("Chioma", WorkflowCall.CANCEL, NOW, RequestStage.WAITING)
    sending = run_checks(replace(drawn, others=(wish,)))
    assert sending.warnings != ()
    assert sending.worse_than(run_checks(drawn)) == ()


def test_force_and_reasons() -> None:
    """A report says whether it needs `--force`, and why the state does not allow it."""
    unverified = run_checks(facts(WorkflowCall.SWITCH_PRIMARIES, {"vdiff": None, "verify_data_at": None}))
    assert unverified.needs_force
    stopped = run_checks(facts(WorkflowCall.SWITCH_REPLICAS, {"state": "stopped"}))
    assert not stopped.needs_force
    assert [one.sentence for one in stopped.blocks] == ["shop #3 is stopped. Retry first."]


def test_words_of_planetscale_can_be_left_out() -> None:
    """Every sentence that quotes PlanetScale has a form that does not."""
    said = [STREAMS[0] | {"state": "Error", "info": "timed out"}]
    [blocked] = run_checks(facts(WorkflowCall.SWITCH_REPLICAS, {"streams": said})).blocks
    assert blocked.sentence == "Stream -80 reports an error: `timed out`"
    assert blocked.without_quotes == "Stream -80 reports an error."


FIELD = {
    Need.KEYSPACES: "keyspaces",
    Need.VSCHEMA: "target_vschema",
    Need.BACKUPS: "backups",
    Need.LISTING: "workflows",
    Need.BRANCHES: "branches",
    Need.SCHEMA: "source_tables",
}


@pytest.mark.parametrize("call", WorkflowCall)
def test_nothing_is_read_in_vain_or_missed(call: WorkflowCall) -> None:
    """What an action needs is exactly what changes its report when it could not be read."""
    full = run_checks(facts(call))
    for need in (Need.KEYSPACES, Need.VSCHEMA, Need.BACKUPS):
        without = run_checks(facts(call, **{FIELD[need]: None}))
        if need not in needs(call):
            assert without == full
        elif (call, need) != (WorkflowCall.COMPLETE, Need.KEYSPACES):  # it only tells an import apart
            assert without != full
    assert Need.WORKFLOW in needs(call)
    assert run_checks(unread(call)) != full


@pytest.mark.parametrize("need", sorted(needs(NEW), key=str))
def test_what_create_needs(need: Need) -> None:
    """What a create needs is exactly what changes its report when it could not be read."""
    assert run_checks(creating(**{FIELD[need]: None})) != run_checks(creating())


@pytest.mark.parametrize(
    ("backups", "last"),
    [
        ((), None),
        ((Backup(state="success"),), None),
        ((Backup(completed_at=NOW), Backup(completed_at=NOW - timedelta(days=1))), NOW),
        ((Backup(state="Failed", completed_at=NOW),), None),
    ],
)
def test_the_last_backup(backups: tuple[Backup, ...], last: datetime | None) -> None:
    """Only a backup that was completed and did not fail is one."""
    assert last_backup(backups) == last


def test_words() -> None:
    """Numbers are cut to three digits, and quoted words cannot end their own quote."""
    assert [rounded(n) for n in (950, 41_999, 412_000_000, 1_019_999_999)] == [
        "950",
        "41.9 k",
        "412 M",
        "1.01 B",
    ]
    assert [length(timedelta(seconds=s)) for s in (-1, 59, 3120, 93_600, 172_800)] == [
        "0 s",
        "59 s",
        "52 min",
        "26 h",
        "2 d",
    ]
    assert names(list("abcdef")) == "a, b and 4 more"
    assert [names(["a"]), names([])] == ["a", ""]
    assert quote("\n a`b\x00 \nc") == "`ab`"
    assert len(quote("x" * 1000)) == 302


patiently = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""A workflow has sixty parts to make up: on a busy machine that takes its time."""

moments = st.none() | st.datetimes().map(datetime.isoformat)
texts = st.none() | st.text(max_size=30)
counts = st.none() | st.integers(0, 2**63 - 1)
flags = st.none() | st.booleans()
people = st.none() | st.fixed_dictionaries({"id": texts, "display_name": texts})


def special(name: str) -> st.SearchStrategy[Any]:
    """The parts of a workflow that are not a time, a flag, a person or a text."""
    stream = {"state": st.sampled_from(["Running", "Error", "stopped", None]), "info": texts}
    held = {"component_throttled": texts, "component_throttled_at": moments, "primary_serving": flags}
    table: dict[str, st.SearchStrategy[Any]] = {
        "name": st.text(max_size=9),
        "rows_copied": counts,
        "rows_total": counts,
    }
    percent = {"rows_percentage": st.none() | st.floats(0, 1000)}
    vdiff = {"state": texts, "completed_at": moments, "has_mismatch": flags, "started_at": moments}
    counted = st.lists(
        st.fixed_dictionaries({"table_name": texts, "mismatched_rows_count": counts}), max_size=2
    )
    parts: dict[str, st.SearchStrategy[Any]] = {
        "streams": st.none() | st.lists(st.fixed_dictionaries(stream | held), max_size=3) | st.just(STREAMS),
        "tables": st.none() | st.lists(st.fixed_dictionaries(table | percent), max_size=3) | st.just(TABLES),
        "vdiff": st.none() | st.fixed_dictionaries(vdiff | {"table_reports": counted}) | st.just(CLEAN),
        "state": st.sampled_from(State) | st.text(max_size=9),
        "on_ddl": st.none() | st.sampled_from(["STOP", "IGNORE"]),
        "name": st.just("w"),
        "number": st.just(3),
    }
    return parts[name]


@st.composite
def workflows(draw: st.DrawFn) -> Workflow:
    """Any workflow that the model takes in."""
    told: dict[str, Any] = {}
    for name in Workflow.model_fields:
        if name.endswith("_at"):
            told[name] = draw(moments)
        elif name.endswith("_by") or name == "actor":
            told[name] = draw(people)
        elif name in {"branch", "source_keyspace", "target_keyspace", "global_keyspace"}:
            told[name] = draw(st.none() | st.text(max_size=9))
        elif name in {"id", "workflow_type", "workflow_subtype", "workflow_errors"}:
            told[name] = draw(texts)
        elif Workflow.model_fields[name].annotation == bool | None:
            told[name] = draw(flags)
        else:
            told[name] = draw(special(name))
    return Workflow.model_validate(told)


@patiently
@given(st.sampled_from(WorkflowCall), workflows(), workflows(), st.booleans(), st.text(max_size=60))
def test_whatever_planetscale_reports(
    call: WorkflowCall, workflow: Workflow, known: Workflow, read: bool, vschema: str
) -> None:
    """No workflow, however strange, makes the checks fail; an unknown state always blocks."""
    about: Facts = facts(call, target_vschema=vschema, last_known=known, state_since=NOW, switch_tried_at=NOW)
    about = replace(about, workflow=workflow if read else None)
    report = run_checks(about)
    assert run_checks(about) == report
    assert report.worse_than(report) == ()
    assert all(finding.sentence for finding in report.findings)
    if read and workflow.state not in set(State):
        assert report.blocks != ()
    sections = (report.blocks, report.warnings, report.notes, report.passes)
    assert sum(map(len, sections)) == len(report.findings)


@patiently
@given(workflows(), st.text(min_size=1, max_size=80), st.text(min_size=1, max_size=80), st.text(max_size=40))
def test_whatever_is_to_be_created(workflow: Workflow, name: str, table: str, vschema: str) -> None:
    """No name, listing or VSchema makes the checks of a create fail."""
    new = {"name": name, "branch_name": name, "tables": (table,)}
    for differs in ({}, {"branches": creating().branches}):
        report = run_checks(creating(new, workflows=(workflow,), target_vschema=vschema, **differs))
        assert report.findings != ()


def test_every_fact_is_optional_but_the_place() -> None:
    """A caller that has nothing but the place and the moment still gets a report."""
    bare = Facts(ref=REF, call=WorkflowCall.CANCEL, now=NOW, workflow=a_workflow())
    assert run_checks(bare).blocks == ()
