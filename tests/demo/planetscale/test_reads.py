"""What reads show of a life, moment by moment, with the clock moved by hand."""

from itertools import pairwise
from typing import Any

import httpx
import pytest

from bot.demo.clock import ManualClock
from bot.demo.planetscale.simulator import Simulator

PARTS = {"streams", "tables", "vdiff"}
HOUR = 3600.0


class Watcher:
    """Looks at workflow 3, and lets time pass."""

    def __init__(self, api: httpx.AsyncClient, clock: ManualClock, simulator: Simulator) -> None:
        self.api, self.clock, self.simulator = api, clock, simulator

    async def look(self, after: float = 0.0) -> dict[str, Any]:
        self.clock.advance(after)
        shown: dict[str, Any] = (await self.api.get("/workflows/3")).json()
        listed = (await self.api.get("/workflows")).json()["data"][0]
        assert set(shown) - set(listed) == PARTS
        assert {name: shown[name] for name in listed} == listed
        return shown

    async def until(self, state: str, step: float = HOUR, most: int = 400) -> list[dict[str, Any]]:
        """Look again and again until it is in `state`; everything seen on the way, that included."""
        seen = [await self.look()]
        while seen[-1]["state"] != state:
            assert len(seen) < most, [shown["state"] for shown in seen]
            seen.append(await self.look(step))
        return seen

    def outside(self, action: str) -> None:
        self.simulator.outside("shop", 3, action)


@pytest.fixture
def watcher(api: httpx.AsyncClient, clock: ManualClock, simulator: Simulator) -> Watcher:
    return Watcher(api, clock, simulator)


def copied(shown: dict[str, Any]) -> int:
    return sum(table.get("rows_copied", 0) for table in shown["tables"])


def states(seen: list[dict[str, Any]]) -> list[str]:
    """The states in the order in which they were seen."""
    names = [shown["state"] for shown in seen]
    return [name for place, name in enumerate(names) if place == 0 or names[place - 1] != name]


async def test_a_copy_has_an_index_step_and_catches_up(watcher: Watcher, simulator: Simulator) -> None:
    """Rows stand still at a whole table while its indexes are built, and at the end while it catches up."""
    simulator.add_workflow("shop", 3, "pending", target_shards=("-",), catch_up_seconds=2 * HOUR)
    seen = await watcher.until("running", 1800)
    assert states(seen) == ["pending", "copying", "running"]
    pairs = pairwise(seen)
    still = [after for before, after in pairs if 0 < copied(before) == copied(after)]
    at_rest = [tuple(table["rows_percentage"] for table in shown["tables"]) for shown in still]
    assert set(at_rest) == {(100, 0), (100, 100)}
    catching_up = [shown for shown in still if {s["state"] for s in shown["streams"]} == {"running"}]
    assert catching_up[0]["state"] == "copying"
    assert catching_up[0]["data_copy_completed_at"] is None
    assert seen[-1]["data_copy_completed_at"] is not None


async def test_a_verification_counts_up_and_grows_stale(watcher: Watcher, simulator: Simulator) -> None:
    """A verification says how far it is and what is left, ends with a report, and is stale after 24 h."""
    simulator.add_workflow("shop", 3, "running")
    assert (await watcher.look())["vdiff"] is None
    watcher.outside("verify-data")
    seen = await watcher.until("verified_data", 600)
    under_way = [shown["vdiff"] for shown in seen[:-1]]
    progress = [vdiff["progress_percentage"] for vdiff in under_way]
    assert progress == sorted(progress)
    assert (progress[0], progress[-1] < 100) == (0, True)
    left = [vdiff["eta_seconds"] for vdiff in under_way]
    assert left == sorted(left, reverse=True)
    assert not any(vdiff["table_reports"] for vdiff in under_way)
    clean = seen[-1]
    assert (clean["vdiff"]["state"], clean["vdiff"]["has_mismatch"]) == ("completed", False)
    assert len(clean["vdiff"]["table_reports"]) == 4
    assert not (await watcher.look(23 * HOUR))["verified_data_stale"]
    assert (await watcher.look(2 * HOUR))["verified_data_stale"]


async def test_an_error_ends_a_verification(watcher: Watcher, simulator: Simulator) -> None:
    """A workflow that fails while it is verified has a verification that was stopped, and does not go on."""
    simulator.add_workflow("shop", 3, "verifying_data")
    simulator.trouble("error", database="shop", number=3, text="Lost connection")
    broken = await watcher.look(600)
    assert (broken["state"], broken["workflow_errors"]) == ("error", "Lost connection")
    assert (broken["vdiff"]["state"], broken["vdiff"]["completed_at"]) == ("stopped", None)
    assert broken["vdiff"]["progress_percentage"] is None


async def test_every_change_from_outside_is_seen(watcher: Watcher, simulator: Simulator) -> None:
    """All that can be done to a workflow can be done by another account, and its evidence names that one."""
    simulator.add_workflow("shop", 3, "running")
    for action, through, to, at, by in (
        ("verify-data", "verifying_data", "verified_data", "verify_data_at", "verify_data_by"),
        (
            "switch-replicas",
            "switching_replicas",
            "switched_replicas",
            "switch_replicas_at",
            "switch_replicas_by",
        ),
        ("reverse-traffic", "reversing_traffic", "running", "reversed_at", "reversed_by"),
        (
            "switch-primaries",
            "switching_primaries",
            "switched_primaries",
            "switch_primaries_at",
            "switch_primaries_by",
        ),
        ("cutover", "cutting_over", "cutover", "cutover_at", "cutover_by"),
        ("reverse-cutover", "cutover", "reversed_cutover", None, "reversed_cutover_by"),
        ("complete", "reversed_cutover", "completed", "completed_at", "completed_by"),
    ):
        watcher.outside(action)
        assert (await watcher.look())["state"] == through
        shown = (await watcher.until(to, 60))[-1]
        assert (shown[by]["display_name"], at is None or shown[at] is not None) == ("dev@acme.example", True)


async def test_outside_somebody_retries_cancels_and_creates(watcher: Watcher, simulator: Simulator) -> None:
    """A retry, a cancellation with its detour and a creation can come from another account too."""
    simulator.add_workflow("shop", 3, "error")
    watcher.outside("retry")
    retried = await watcher.look()
    assert (retried["state"], retried["retried_by"]["display_name"]) == ("copying", "dev@acme.example")
    simulator.add_workflow("shop", 3, "switched_replicas")
    watcher.outside("cancel")
    assert states(await watcher.until("cancelled", 4)) == [
        "reversing_traffic_for_cancel",
        "cancelling",
        "cancelled",
    ]
    created = simulator.outside_create("shop")
    found = (await watcher.api.get(f"/workflows/{created.number}")).json()
    assert (found["number"], found["state"], found["actor"]["display_name"]) == (
        4,
        "pending",
        "dev@acme.example",
    )


async def test_an_import_lives_to_its_end(watcher: Watcher, simulator: Simulator) -> None:
    """An import copies, is verified, switches and completes, and its source keyspace says what it is."""
    simulator.add_workflow(
        "shop",
        3,
        "pending",
        imported=True,
        workflow_subtype="import",
        source="rds",
        tables={"contacts": 9_000},
    )
    keyspaces = (await watcher.api.get("/branches/main/keyspaces")).json()["data"]
    assert {keyspace["name"]: keyspace["imported"] for keyspace in keyspaces} == {
        "rds": True,
        "customer": False,
    }
    seen = await watcher.until("running")
    for action, to in (
        ("verify-data", "verified_data"),
        ("switch-replicas", "switched_replicas"),
        ("switch-primaries", "switched_primaries"),
        ("complete", "completed"),
    ):
        watcher.outside(action)
        seen += await watcher.until(to, 2)
    assert {shown["workflow_subtype"] for shown in seen} == {"import"}
    assert states(seen)[-3:] == ["switching_primaries", "switched_primaries", "completed"]


async def test_streams_say_what_happened(watcher: Watcher, simulator: Simulator) -> None:
    """Each stream's log says that the copy began and what came last, each under an id of its own."""
    simulator.add_workflow("shop", 3, "copying")
    began = (await watcher.look())["streams"][0]["logs"]
    assert [entry["log_type"] for entry in began] == ["Started Copy Phase"]
    watcher.clock.advance(60)
    simulator.trouble("error", database="shop", number=3, text="Lost connection")
    logs = (await watcher.look())["streams"][0]["logs"]
    assert logs[0] == began[0]
    assert [(entry["log_type"], entry["message"]) for entry in logs[1:]] == [("Error", "Lost connection")]
    assert len({entry["id"] for entry in logs}) == 2
