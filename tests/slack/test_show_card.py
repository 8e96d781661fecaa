"""What a person reads in the answer to `show`, whole."""

import re
from datetime import timedelta
from typing import Any

import pytest

from bot.approvals.terms import Gate
from bot.operations.model import State as Stage
from bot.planetscale.models import Workflow
from bot.slack.cards.blocks.words import columns
from bot.slack.cards.workflow.show import show_card
from bot.workflows.facts.kind import WorkflowKind
from bot.workflows.facts.states import State
from tests.builders import CLEAN, NOW, REF, STREAMS, a_workflow, copying
from tests.rows import each_row
from tests.slack.cards.stories import NAMES, a_story, an_operation, approved

ABOUT = "commerce → customer (2 shards) · main · started by Ana, 22 Nov 16:02 UTC · read now"
COPIED = "Copied in 6 h 2 min: orders (about 620 M rows) and line_items (about 390 M rows)"
FRESH = "Verification: clean, 23 Nov 00:12 UTC · 2 tables, all shards"
RULES = "Schema changes while it runs: stop the workflow (STOP) · secondary indexes: built after each table"
STILL = "Writes: commerce · Replica reads: commerce"

ORDERS = {"name": "orders", "rows_copied": 380_000_000, "rows_total": 620_000_000}
ITEMS = {"name": "line_items", "rows_copied": 32_000_000, "rows_total": 390_000_000}
HELD = STREAMS[0] | {
    "component_throttled": "vreplication:-80:vplayer",
    "component_throttled_at": NOW - timedelta(seconds=20),
}
REPORTS = [
    {"table_name": "line_items", "shard": "-80", "mismatched_rows_count": 12},
    {"table_name": "line_items", "shard": "80-", "mismatched_rows_count": 3, "extra_source_rows_count": 2},
]


def read(workflow: Workflow, kind: WorkflowKind = WorkflowKind.MOVE) -> list[str]:
    return (
        show_card(REF, workflow, NOW, kind=kind).plain.replace("&gt;", ">").replace("&lt;", "<").splitlines()
    )


def test_verified_clean() -> None:
    """The answer before a switch: who serves writes, what is proven, and the next command to paste."""
    assert read(a_workflow()) == [
        "Running · verified clean 2 h ago · shop #3 orders-to-customer",
        STILL,
        ABOUT,
        COPIED,
        f"{FRESH} · counts as fresh until 24 Nov 00:12 UTC",
        "Streams: 2 of 2 running · not throttled · lag: not read by this bot",
        RULES,
        "Next: /workflow switch-traffic shop 3 --replicas-only",
    ]


def test_copying() -> None:
    """Bars line up, for each table and in total; nothing claims to be exact."""
    assert read(copying(ORDERS, ITEMS)) == [
        "Copying · about 40 % · shop #3 orders-to-customer",
        STILL,
        ABOUT,
        "▓▓▓▓▓▓▓▓░░░░░░░░░░░░  about 412 M of 1.01 B rows",
        "orders      ▓▓▓▓▓▓░░░░  61 %  about 380 M of 620 M",
        "line_items  ░░░░░░░░░░   8 %  about 32 M of 390 M",
        "Streams: 2 of 2 running · not throttled · lag: not read by this bot",
        RULES,
        "Next: nothing to do until the copy is complete.",
    ]


def test_throttled_is_not_stuck() -> None:
    """Throttling is named with its component and stream, and that it goes on by itself."""
    lines = read(copying(ORDERS, ITEMS, streams=[HELD, STREAMS[1]]))
    assert lines[0] == "Copying · about 40 % · throttled · shop #3 orders-to-customer"
    assert (
        "Held back by the throttler on vreplication:-80:vplayer (stream -80) to protect the database. "
        "It goes on by itself." in lines
    )


def test_forty_tables_fit_a_screen() -> None:
    """Of many tables, those that have begun and are least advanced are shown, and all are counted.

    A table that ended below its estimate looks for ever as if it were being copied: it comes last.
    """
    tables = [{"name": f"t{n}", "rows_copied": max(0, 15 - n) * 10, "rows_total": 100} for n in range(40)]
    tables.append({"name": "ended_below", "rows_copied": 970, "rows_total": 1000})
    lines = read(copying(*tables))
    assert "41 tables: 6 reached their estimate · 10 below it · 25 not begun" in lines
    assert [line.split()[0] for line in lines[4:9]] == ["t14", "t13", "t12", "t11", "t10"]
    assert len(lines) == 13


def test_data_that_differs() -> None:
    """Counts by table and shard, never rows; and the advice not to switch."""
    lines = read(a_workflow(vdiff=CLEAN | {"has_mismatch": True, "table_reports": REPORTS}))
    assert lines[0] == "Data differs: 17 rows · shop #3 orders-to-customer"
    assert "line_items  -80  12 differ · 0 only in commerce · 0 only in customer" in lines
    assert "line_items  80-  3 differ · 2 only in commerce · 0 only in customer" in lines
    assert lines[-1].startswith("Next: do not switch.")


def test_writes_switched() -> None:
    """After the primaries' switch: the way back and what the cutover needs. No stopped stream is named."""
    since = NOW - timedelta(hours=26)
    lines = read(
        a_workflow(
            state="switched_primaries",
            replicas_switched=True,
            primaries_switched=True,
            switch_primaries_at=since,
            streams=[STREAMS[0] | {"state": "Stopped"}],
        )
    )
    assert lines == [
        "Writes on customer for 26 h · shop #3 orders-to-customer",
        "Writes: customer · Replica reads: customer",
        ABOUT.replace("2 shards", "1 shard"),
        COPIED,
        FRESH,
        "↩️ Way back: /workflow reverse-traffic shop 3",
        "⛔ cutover deletes orders and line_items from commerce, for good.",
        "Before the cutover: the application stops naming commerce, and require_explicit_routing is out of "
        "customer's VSchema.",
        "Next: when that is so: /workflow cutover shop 3",
    ]


def test_cut_over() -> None:
    """After the cutover: what is deleted, and that the way back is for the routing rules only."""
    lines = read(a_workflow(state="cutover", cutover_at=NOW - timedelta(hours=1)))
    assert lines[0] == "Cut over 1 h ago · shop #3 orders-to-customer"
    assert "orders and line_items are deleted from commerce" in lines
    assert "↩️ Way back for the routing rules, not for the tables: /workflow reverse-cutover shop 3" in lines


def test_an_import_that_was_completed_deleted_nothing() -> None:
    """Completing without a cutover, as an import does, deletes no tables; so none are said to be gone."""
    lines = read(a_workflow(state="completed", completed_at=NOW, workflow_subtype="import"))
    assert not any("deleted" in line for line in lines)


def test_an_error_after_a_switch_is_not_certain() -> None:
    """In an error after a switch nobody is told which keyspace serves writes."""
    lines = read(a_workflow(state="error", replicas_switched=True, workflow_errors="x\nsecond line"))
    assert (
        lines[1]
        == "❓ Writes: not certain · Replica reads: not certain. PlanetScale reports replicas switched yes, "
        "primaries switched no."
    )
    assert "PlanetScale says: x" in lines
    assert lines[-1] == "Next: check the application now; then PlanetScale support."


def test_missing_parts_are_said_to_be_missing() -> None:
    """What PlanetScale leaves out is "not reported": never a blank, never a zero."""
    bare = Workflow.model_validate({"name": "x", "number": 3, "state": "copying"})
    assert read(bare) == [
        "Copying · shop #3 x",
        "Writes: not reported by PlanetScale · Replica reads: not reported by PlanetScale",
        "? → ? · read now",
        "Progress: not reported by PlanetScale",
        "Streams: not reported · lag: not read by this bot",
        "Schema changes while it runs: not reported · secondary indexes: not reported",
        "Next: nothing to do until the copy is complete.",
    ]


def test_an_unknown_state_is_shown_as_it_is() -> None:
    """A state that the bot does not know is shown as PlanetScale names it, and nothing is offered."""
    lines = read(a_workflow(state="resharding"))
    assert lines[0] == "State resharding: not known to this bot · shop #3 orders-to-customer"
    assert lines[-1].startswith("Next: nothing is offered")


@each_row("state", [state.value for state in State])
@each_row("differs", [{}, {"tables": None, "streams": None, "vdiff": None}, {"actor": None}])
def test_every_state_says_who_serves_writes(state: str, differs: dict[str, Any]) -> None:
    """Whatever the state, the second line is about writes, and the notification repeats it."""
    message = show_card(REF, a_workflow(state=state, **differs), NOW)
    assert "Writes: " in message.plain.splitlines()[1]
    assert "Writes: " in message.text
    assert len(message.text) <= 150
    assert "successfully" not in message.plain


def test_while_replica_reads_move_writes_are_certain() -> None:
    """Nobody has to fear for writes while only replica reads are being moved."""
    lines = read(a_workflow(state="switching_replicas"))
    assert lines[1] == "Writes: commerce · Replica reads: being moved"


def test_an_import_is_no_move() -> None:
    """What the source keyspace shows to be an import is called one, and is not offered a cutover."""
    workflow = a_workflow(state="switched_primaries", replicas_switched=True, primaries_switched=True)
    lines = read(workflow, WorkflowKind.IMPORT)
    assert "commerce → customer (2 shards) · import from an external database · main" in lines[2]
    assert lines[-1].endswith("/workflow complete shop 3")
    unknown = read(workflow, WorkflowKind.UNKNOWN)
    assert "/workflow cutover" not in "".join(unknown)
    assert unknown[-1] == "Next: find out which it is; both ends are for good."


def test_more_rows_than_estimated() -> None:
    """A copy that is past its estimate is not said to be catching up."""
    lines = read(copying(ORDERS | {"rows_copied": 621_000_000}, ITEMS | {"rows_copied": 390_000_000}))
    assert lines[0].startswith("Copying · 99 %, more rows than estimated · ")
    assert not any("All rows are counted" in line for line in lines)


STALE = CLEAN | {"completed_at": "2026-11-22T00:14:00Z"}


@pytest.mark.parametrize(
    ("differs", "line"),
    [
        ({"vdiff": STALE}, " (26 h ago). It is older than 24 h. Verify again."),
        (
            {"vdiff": STALE, "verified_data_stale": True},
            " (26 h ago). PlanetScale counts it as stale. Verify again.",
        ),
        ({"vdiff": STALE, "state": "switched_primaries", "primaries_switched": True}, " (26 h ago)"),
        (
            {"vdiff": STALE, "state": "error", "replicas_switched": True, "verified_data_stale": True},
            " (26 h ago)",
        ),
    ],
)
def test_advice_from_the_age_of_a_verification(differs: dict[str, Any], line: str) -> None:
    """Who counts it as stale is said truthfully; once writes moved, or may have, only the age is said."""
    [found] = [one for one in read(a_workflow(**differs)) if one.startswith("Verification: ")]
    assert found == f"Verification: clean, 22 Nov 00:14 UTC{line}"


def test_in_doubt_nothing_is_advised() -> None:
    """After a switch that broke off, no retry and no fresh verification is spoken of, and a cancel only to
    warn of it."""
    tried = "2026-11-23T02:00:00Z"
    text = "\n".join(read(a_workflow(state="error", may_retry=True, switch_primaries_at=tried)))
    assert "Writes: not certain · Replica reads: not certain." in text
    warning = "Do not cancel: a switch was tried, and customer may serve live data."
    assert warning in text
    text = text.replace(warning, "")
    assert not [word for word in ("retry", "ancel", "fresh", "erify again") if word in text]


def test_stopped_by_a_schema_change() -> None:
    """What stands still is said with its consequence, and what to do before a retry."""
    lines = read(a_workflow(state="stopped", workflow_errors="DDL encountered", may_retry=True))
    assert lines[3] == "Replication stands still; customer falls behind."
    assert lines[-2:] == [
        "PlanetScale allows a retry. It continues or starts over; which one is not known beforehand.",
        "Next: compare orders and line_items in commerce and customer, then retry: /workflow retry shop 3",
    ]


FAILED = [stream | {"state": "Error", "info": "Table is full"} for stream in STREAMS]


@pytest.mark.parametrize(
    ("differs", "said"),
    [
        ({"streams": FAILED}, ["⚠️ All 2 streams report it: Table is full"]),
        ({"streams": FAILED, "workflow_errors": "Table is full"}, ["PlanetScale says: Table is full"]),
        ({"streams": [FAILED[0], STREAMS[1]]}, ["⚠️ Stream -80 reports an error: Table is full"]),
        (
            {"streams": [*FAILED, STREAMS[1]]},
            ["⚠️ Streams -80 and 80- report an error: Table is full"],
        ),
        (
            {"streams": [FAILED[0], FAILED[1] | {"info": None}]},
            ["⚠️ Stream -80 reports an error: Table is full", "⚠️ Stream 80- reports an error."],
        ),
        ({"state": "cancelled", "streams": FAILED}, []),
    ],
)
def test_the_same_error_is_said_once(differs: dict[str, Any], said: list[str]) -> None:
    """What several streams report is said once; of a cancelled workflow no stream's error matters."""
    lines = read(a_workflow(**{"state": "error"} | differs))
    assert [line for line in lines if ("report" in line and "⚠️" in line) or "says" in line] == said


def test_bars_line_up_beside_wide_names() -> None:
    """A name in wide letters takes two columns a letter, so every bar begins in the same column."""
    wide = copying(ORDERS | {"name": "größe_表"}, ITEMS | {"name": "orders_x"}, ITEMS | {"name": "テーブル"})
    lines = read(wide)[4:7]
    assert len({columns(re.split("[▓░]", line)[0]) for line in lines}) == 1


@pytest.mark.parametrize(
    ("differs", "first", "verified"),
    [
        ({}, "Running · verified clean · shop #3", "Verification: clean, 23 Nov 00:12 UTC"),
        (
            {"state": "switched_primaries", "primaries_switched": True, "switch_primaries_at": NOW},
            "Writes switched 23 Nov 02:14 UTC · shop #3",
            "Verification: clean, 23 Nov 00:12 UTC",
        ),
    ],
)
def test_what_stands_in_a_channel_has_no_ages(differs: dict[str, Any], first: str, verified: str) -> None:
    """What is read for days gives moments: when it was read, verified and switched."""
    message = show_card(REF, a_workflow(**differs), NOW, WorkflowKind.MOVE, stands=True)
    assert message.plain.startswith(first)
    assert verified in message.plain
    assert " · read 23 Nov 02:14 UTC\n" in message.plain
    assert "ago" not in message.plain + message.text
    assert "read now" not in message.plain


def test_who_created_it_through_the_bot_is_named() -> None:
    """PlanetScale names the bot's own token; the card names the person who asked for it."""
    named = a_workflow(actor={"display_name": "workflow-bot"})
    alone = a_story(an_operation(None, named, Stage.SUCCEEDED, gate=Gate.NONE, names=NAMES))
    read = show_card(REF, named, NOW, created=alone).plain
    assert "started by Ana, " in read
    assert "workflow-bot" not in read


def test_who_agreed_to_its_creation_is_named() -> None:
    """Where the policy asks for others before a create, who asked and who approved are both named."""
    asked = an_operation(None, a_workflow(), Stage.SUCCEEDED, names=NAMES)
    two = a_story(asked, approved(), approved("U0CHI", 17))
    read = show_card(REF, a_workflow(), NOW, created=two).plain
    assert " · asked by Ana, approved by Ben and Chioma, " in read
