"""Which workflows need somebody, and in which order lists show them."""

from datetime import timedelta
from typing import Any

import pytest

from bot.workflows.attention import Beside, Need, Waits, attention
from bot.workflows.entries import Entry, foremost, listed_entry
from bot.workflows.observing.happenings import Happening
from bot.workflows.observing.observe import first_sight
from tests.builders import CLEAN, NOW, a_workflow, copying
from tests.rows import each_row

LISTED = {"streams": None, "tables": None, "vdiff": None}
OLD = CLEAN | {"completed_at": "2026-11-21T00:12:00Z"}
DIFFERS = CLEAN | {"has_mismatch": True}


def need(beside: Beside | None = None, *, in_detail: bool = True, **differs: Any) -> Need | None:
    found = attention(a_workflow(**differs), NOW, beside or Beside(), in_detail=in_detail)
    return found.need if found else None


@each_row(
    ("differs", "wanted"),
    [
        ({"state": "error"}, Need.BROKEN),
        ({"state": "stopped"}, Need.BROKEN),
        ({"state": "resharding"}, Need.BROKEN),
        ({"vdiff": DIFFERS}, Need.DIFFERS),
        ({"state": "switched_replicas", "replicas_switched": True, "vdiff": DIFFERS}, Need.DIFFERS),
        ({"state": "cutover", "vdiff": DIFFERS}, Need.UNFINISHED),
        ({"state": "reversed_cutover"}, Need.UNFINISHED),
        ({"vdiff": OLD}, Need.STALE),
        ({"retried_at": "2026-11-23T01:00:00Z"}, Need.STALE),
        ({"vdiff": CLEAN | {"state": "error", "completed_at": None}}, Need.STANDS),
        ({}, None),
        ({"state": "verifying_data", "vdiff": None}, None),
        ({"vdiff": None, "verify_data_at": None}, None),
        ({"state": "switched_primaries", "primaries_switched": True, "vdiff": OLD}, None),
        ({"state": "cancelled", "vdiff": DIFFERS}, None),
        ({"state": "completed"}, None),
    ],
)
def test_what_a_state_needs(differs: dict[str, Any], wanted: Need | None) -> None:
    """An error, rows that differ, an unfinished end, a stale verification need somebody; a soak does not."""
    assert need(**differs) is wanted


def test_what_the_bot_knows_beside_it() -> None:
    """A request that waits, and what lasts too long, are reasons; the gravest of several counts."""
    assert need(Beside(Waits.APPROVAL)) is Need.PERSON
    assert need(Beside(lasts=frozenset({Happening.STANDING}))) is Need.STANDS
    assert need(Beside(lasts=frozenset({Happening.SLOWER}))) is None
    assert need(Beside(Waits.OUTCOME), vdiff=DIFFERS) is Need.PERSON
    assert need(Beside(Waits.OUTCOME), state="error") is Need.BROKEN


@pytest.mark.parametrize("state", ["running", "verified_data"])
def test_what_a_list_does_not_carry_is_no_reason(state: str) -> None:
    """An entry of a list carries no verification: that is no trouble, unless PlanetScale calls it stale."""
    assert need(in_detail=False, state=state, **LISTED) is None
    assert need(in_detail=False, state=state, verified_data_stale=True, **LISTED) is Need.STALE


def entry(number: int, database: str = "shop", **differs: Any) -> Entry:
    return Entry(
        organization="acme",
        database=database,
        workflow=a_workflow(number=number, **differs),
        read_at=NOW,
        in_detail=True,
    )


def test_the_gravest_comes_first() -> None:
    """By need, then what is active, then what has ended; of a database the highest number first."""
    entries = [
        entry(1, state="completed"),
        entry(2),
        entry(3),
        entry(4, "crm"),
        entry(5, vdiff=OLD),
        entry(6, "crm", state="error"),
    ]
    assert [one.workflow.number for one, _ in foremost(entries, NOW)] == [6, 5, 4, 3, 2, 1]


def test_what_watching_knows_goes_into_a_list() -> None:
    """A verification that was read lately is known, though the list does not carry it."""
    seen = first_sight(a_workflow(vdiff=DIFFERS), NOW - timedelta(minutes=5))
    listed = a_workflow(**LISTED)
    found = listed_entry("acme", "shop", listed, NOW, seen=seen).attention(NOW)
    assert found is not None
    assert found.need is Need.DIFFERS
    assert listed_entry("acme", "shop", listed, NOW).attention(NOW) is None


def test_a_copy_that_goes_on_needs_nobody() -> None:
    """A copy that is under way is no trouble."""
    assert attention(copying(), NOW) is None
