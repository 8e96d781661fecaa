"""What a workflow's answer may look like: anything at all."""

import asyncio
import json
from collections.abc import Coroutine
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from bot.demo.clock import ManualClock
from bot.planetscale.calls import WorkflowCall
from bot.planetscale.errors import FailureKind, PlanetScaleError
from bot.planetscale.models import Workflow
from tests.planetscale.conftest import REF, client_of

FULL = {
    "id": "wf3",
    "name": "move-orders",
    "number": 3,
    "state": "a state from the future",
    "created_at": "2026-11-22T21:14:00.000Z",
    "started_at": "2026-11-22T22:14:00.000+01:00",
    "completed_at": None,
    "replicas_switched": False,
    "branch": {"id": "b", "name": "main", "more": []},
    "source_keyspace": {"id": "k", "name": "commerce"},
    "global_keyspace": "lookup",
    "actor": {"id": "a", "display_name": "Ben", "avatar_url": "https://x.invalid"},
    "streams": [
        {
            "id": 1,
            "state": "copying",
            "component_throttled": None,
            "logs": [{"id": 5, "message": "m", "created_at": "2026-11-22T21:14:00"}],
        }
    ],
    "tables": [{"name": "orders"}, {"name": "users", "rows_percentage": -1, "rows_total": 5}],
    "vdiff": {
        "state": "running",
        "progress_percentage": 41.5,
        "eta_seconds": 1e300,
        "table_reports": [{"table_name": "orders", "sample_extra_source_rows_query": "row 4711"}],
    },
    "new_field": {"a": [1]},
}


def test_full() -> None:
    """Known parts are read, unknown ones ignored, and what is missing or impossible is not reported."""
    workflow = Workflow.model_validate_json(json.dumps(FULL))
    assert workflow.state == "a state from the future"
    assert workflow.started_at == datetime(2026, 11, 22, 21, 14, tzinfo=UTC)
    assert workflow.started_at.tzinfo is UTC
    assert workflow.updated_at is None
    assert workflow.global_keyspace is not None
    assert workflow.global_keyspace.name == "lookup"
    assert workflow.tables is not None
    assert [table.rows_copied for table in workflow.tables] == [None, None]
    assert workflow.tables[1].rows_percentage is None
    assert workflow.streams is not None
    assert workflow.streams[0].logs is not None
    assert workflow.streams[0].logs[0].created_at == datetime(2026, 11, 22, 21, 14, tzinfo=UTC)
    assert workflow.vdiff is not None
    assert (workflow.vdiff.progress_percentage, workflow.vdiff.eta_seconds) == (41.5, None)
    assert "4711" not in repr(workflow), "row samples are not even taken in"


def test_round_trip() -> None:
    """A workflow that was written down as JSON reads back as the same."""
    workflow = Workflow.model_validate(FULL)
    assert Workflow.model_validate_json(workflow.model_dump_json()) == workflow


SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.datetimes().map(datetime.isoformat)
    | st.sampled_from(["9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00", 10**400, -(2**70)])
)
JSON = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(sorted(FULL)) | st.text(), inner, max_size=4)
    ),
    max_leaves=20,
)


@st.composite
def nearly_workflows(draw: st.DrawFn) -> Any:
    """A good answer with some of its parts replaced or gone."""
    body: dict[str, Any] = dict(FULL)
    for key in draw(st.lists(st.sampled_from([*sorted(FULL), "updated_at", "workflow_errors"]), max_size=3)):
        body[key] = draw(JSON)
    for key in draw(st.lists(st.sampled_from(sorted(FULL)), max_size=3)):
        body.pop(key, None)
    return body


async def _outcome(call: Coroutine[Any, Any, Workflow]) -> Workflow | PlanetScaleError:
    try:
        return await call
    except PlanetScaleError as error:
        return error


@settings(deadline=None)
@given(JSON | nearly_workflows() | st.binary())
def test_any_answer(body: Any) -> None:
    """Whatever comes back with a 200, a read and a change give a workflow or a typed error, nothing else."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    transport = httpx.MockTransport(lambda _: httpx.Response(200, content=data))

    async def ask() -> None:
        async with client_of("http://api.invalid", ManualClock(), transport=transport) as client:
            for call in (client.workflow(REF), client.call(REF, WorkflowCall.CUTOVER)):
                got = await _outcome(call)
                if isinstance(got, Workflow):
                    assert got.number == REF.number
                    assert Workflow.model_validate_json(got.model_dump_json()) == got
                else:
                    assert (got.kind, got.status) == (FailureKind.NOT_UNDERSTOOD, 200)

    asyncio.run(ask())


STRICT = {"name", "number", "state", "replicas_switched", "primaries_switched"}
ODD = st.sampled_from(
    [-1, 2**64, -(2**70), float("nan"), float("inf"), "odd", [], [7], {}, {"name": []}, False, "0001-01-01"]
)


@settings(deadline=None)
@given(st.sampled_from(sorted(set(FULL) - STRICT)), ODD)
def test_an_odd_part_takes_no_other_with_it(part: str, value: Any) -> None:
    """Whatever stands in one part that nobody promised: every other part is read as it was, texts apart."""
    right = Workflow.model_validate_json(json.dumps(FULL)).model_dump(exclude={part})
    odd: set[str] = set()
    workflow = Workflow.model_validate_json(json.dumps({**FULL, part: value}), context=odd)
    assert workflow.model_dump(exclude={part}) == right
    assert getattr(workflow, part, None) is not None or part in odd | {"new_field", "completed_at"}


def test_the_shapes_of_the_public_clients_fixtures() -> None:
    """Whole branches and keyspaces, ids as text, small-letter states and null where objects are described."""
    workflow = Workflow.model_validate(
        {
            **FULL,
            "branch": {"id": "b", "type": "Branch", "name": "main", "production": True, "created_at": "now"},
            "source_keyspace": {
                "id": "k",
                "type": "BranchKeyspace",
                "name": "a",
                "shards": 2,
                "sharded": True,
            },
            "workflow_subtype": None,
            "global_keyspace": None,
            "switch_replicas_by": None,
            "streams": [
                {
                    "id": "s1",
                    "vitess_id": 1,
                    "state": "copying",
                    "component_throttled": "vplayer",
                    "logs": [{"id": "l1", "log_type": "Started Copy Phase", "state": "copying"}],
                }
            ],
        }
    )
    assert (workflow.branch and workflow.branch.name, workflow.workflow_subtype) == ("main", None)
    assert workflow.streams is not None
    assert workflow.streams[0].logs is not None
    assert (workflow.streams[0].id, workflow.streams[0].logs[0].id) == ("s1", "l1")


@pytest.mark.parametrize("part", sorted(STRICT))
def test_what_is_strict(part: str) -> None:
    """Which workflow it is, its state, and who serves what are understood, or nothing is."""
    with pytest.raises(ValidationError):
        Workflow.model_validate({**FULL, part: ["odd"]})


@pytest.mark.parametrize("parts", ["tables", "streams"])
def test_of_tables_and_streams_some_never_look_like_all(parts: str) -> None:
    """Where one of them is not understood, they are not reported."""
    workflow = Workflow.model_validate({**FULL, parts: [{"name": "orders"}, 7]})
    assert getattr(workflow, parts) is None


@pytest.mark.parametrize(
    "moment", ["0001-01-01T00:00:00Z", "1969-07-20T20:17:40Z", "9999-12-31T23:59:59-14:00"]
)
def test_a_date_that_cannot_be_is_not_reported(moment: str) -> None:
    """A moment before the service existed, or in another age, is left out; the rest of the answer stands."""
    workflow = Workflow.model_validate({"name": "x", "number": 3, "state": "running", "created_at": moment})
    assert workflow.created_at is None
    assert workflow.number == 3
