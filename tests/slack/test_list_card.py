"""What a person reads in the answer to `list`."""

from datetime import timedelta, timezone
from typing import Any

import pytest

from bot.planetscale.models import Workflow
from bot.slack.cards.blocks.words import columns
from bot.slack.cards.workflow.listing import list_card
from bot.slack.cards.workflow.show import show_card
from bot.workflows.attention import NOTHING, Beside
from bot.workflows.entries import Entry
from bot.workflows.facts.kind import WorkflowKind
from tests.builders import CLEAN, NOW, REF, a_workflow, copying

LISTED = {"streams": None, "tables": None, "vdiff": None}
BEFORE = {"data_copy_completed_at": "2026-11-20T22:04:00Z", "created_at": "2026-11-20T09:10:00Z"}


def entries(
    *workflows: Workflow, in_detail: frozenset[int] = frozenset({3, 7}), beside: Beside = NOTHING
) -> list[Entry]:
    return [
        Entry(
            organization="acme",
            database="shop",
            workflow=one,
            read_at=NOW,
            in_detail=one.number in in_detail,
            beside=beside,
        )
        for one in workflows
    ]


def read(*workflows: Workflow, in_detail: frozenset[int] = frozenset({3, 7})) -> list[str]:
    return list_card("shop", entries(*workflows, in_detail=in_detail), NOW).plain.splitlines()


def since(**differs: Any) -> str:
    row = read(a_workflow(**differs))[2]
    return row.split("  ")[-1].strip()


def test_the_columns_in_the_order_of_what_matters() -> None:
    """Writes come before the state: a phone shows the first forty columns."""
    seven = copying({"name": "t", "rows_copied": 12, "rows_total": 100}, number=7, name="catalog-split")
    old = a_workflow(
        state="completed", number=2, name="users", created_at="2026-11-01T00:00:00Z",
        completed_at="2026-11-03T04:00:00Z",
    )  # fmt: skip
    assert read(seven, a_workflow(), old) == [
        "Workflows in shop · 2 active, 1 ended",
        "#  Name                Writes    State                     Since (UTC)",
        "7  catalog-split       commerce  Copying · about 12 %      Sun 16:02",
        "3  orders-to-customer  commerce  Running · verified clean  Sun 22:04",
        "2  users               customer  Completed                 3 Nov · took 2 d 4 h",
        "Next: /workflow show shop 7",
    ]


@pytest.mark.parametrize("state", ["running", "verified_data"])
def test_what_was_not_read_in_detail_is_not_judged(state: str) -> None:
    """An entry of a list carries no report of a verification: that is no sign of a missing one."""
    listed = a_workflow(state=state, **LISTED)
    assert "Copied · verification: see show" in read(listed, in_detail=frozenset())[2]
    assert "Verification ended, no report" in read(listed)[2]
    never = a_workflow(**LISTED | {"verify_data_at": None})
    assert "Copied, not verified" in read(never, in_detail=frozenset())[2]


def test_a_stale_verification_has_one_name() -> None:
    """Whether the time passed or PlanetScale says so, it reads the same, in a list as elsewhere."""
    old = CLEAN | {"completed_at": "2026-11-21T00:12:00Z"}
    for found in (a_workflow(vdiff=old), a_workflow(verified_data_stale=True)):
        assert "Verified clean, but stale" in read(found)[2]
        assert show_card(REF, found, NOW, WorkflowKind.MOVE).plain.startswith(
            "Verified clean, but stale · shop #3"
        )


@pytest.mark.parametrize(
    ("differs", "text"),
    [
        ({"state": "copying"} | BEFORE, "Fri 09:10"),
        ({"state": "running"} | BEFORE, "Fri 22:04"),
        ({"state": "running", "reversed_at": NOW - timedelta(hours=1)} | BEFORE, "01:14"),
        ({"state": "verified_data"} | BEFORE, "00:12"),
        ({"state": "verifying_data", "vdiff": None, "verify_data_at": NOW} | BEFORE, "02:14"),
        ({"state": "switched_replicas", "switch_replicas_at": NOW} | BEFORE, "02:14"),
        ({"state": "switched_primaries", "switch_primaries_at": NOW} | BEFORE, "02:14"),
        ({"state": "cutover", "cutover_at": NOW} | BEFORE, "02:14"),
        ({"state": "cancelled", "cancelled_at": NOW} | BEFORE, "02:14 · took 2 d 17 h"),
        ({"state": "error"} | BEFORE, "created Fri 09:10"),
        ({"state": "resharding"} | BEFORE, "created Fri 09:10"),
        ({"state": "stopped", "created_at": None}, "not reported"),
    ],
)
def test_since_is_the_time_of_the_present_state(differs: dict[str, Any], text: str) -> None:
    """The last column says since when it is as it is; where that is unknown, when it was created."""
    assert since(**differs) == text


def test_times_are_the_readers_own() -> None:
    """A reader in another zone reads their own time."""
    zone = timezone(timedelta(hours=9))
    lines = list_card("shop", entries(a_workflow()), NOW.astimezone(zone)).plain.splitlines()
    assert lines[2].endswith("Mon 07:04") or lines[2].endswith("07:04")


def test_wide_names_do_not_shift_the_columns() -> None:
    """Names in wide letters are cut and padded by what the eye sees."""
    lines = read(
        a_workflow(name="注文テーブル" * 5), a_workflow(number=7, name="x" * 60), a_workflow(number=12)
    )
    starts = {columns(line[: line.index("commerce")]) for line in lines[2:5]}
    assert len(starts) == 1


def test_a_list_that_stands_in_a_channel_dates_its_times() -> None:
    """What others read on other days says when it was read, and its times are UTC, which it says."""
    zone = timezone(timedelta(hours=-5))
    shown = list_card("shop", entries(a_workflow()), NOW.astimezone(zone), stands=True).plain.splitlines()
    assert shown[0] == "Workflows in shop · 1 active, 0 ended · read 23 Nov 02:14 UTC"
    assert shown[1].endswith("Since (UTC)")
    assert shown[2].endswith("22 Nov 22:04")
