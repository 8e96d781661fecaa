"""`workflow-bot audit --requests`: a row for each request, for people who ask afterwards."""

import csv
import io
import json
from datetime import datetime
from typing import Any

from sqlalchemy import update

from bot.demo.slack.people import ANA, BEN, CHIOMA
from bot.operations.request_record import COLUMNS
from bot.slack.request_export import export_requests
from bot.store.audit import Form
from bot.store.schema import operations
from tests.scenarios.conftest import Stage

REPLICAS = "switch-traffic shop 3 --replicas-only"
FORMULA = "=HYPERLINK(A1);+1"


async def exported(stage: Stage, form: Form, since: datetime | None = None) -> tuple[str, list[str]]:
    """The rows as text, and what was complained of."""
    complaints: list[str] = []
    where = "https://acme.slack.com"
    lines = await stage.bot.database.read(
        lambda connection: list(export_requests(connection, since, form, where, complaints.append))
    )
    return "".join(lines), complaints


async def a_night(stage: Stage) -> None:
    """A forced switch that two people decide about, and a cancel that is refused at once."""
    stage.planetscale.add_workflow("shop", 3, "running")
    await stage.type(f'switch-traffic shop 3 --force --reason "{FORMULA}"')
    await stage.press(ANA, "op_approve")
    await stage.press(CHIOMA, "op_deny")
    await stage.slack.submit(CHIOMA, {"reason": {"reason": f"not now; {FORMULA}"}})
    await stage.settle()
    await stage.type("complete shop 3", BEN)


async def test_a_row_for_each_request(http_stage: Stage) -> None:
    """The row says who asked for what and why, what was forced, who decided and why, and how it ended."""
    stage = http_stage
    await a_night(stage)
    text, complaints = await exported(stage, "json")
    switch, complete = json.loads(text)
    assert complaints == []
    assert tuple(switch) == COLUMNS
    wanted: dict[str, Any] = {
        "organization": "acme",
        "database": "shop",
        "number": 3,
        "workflow": "orders-to-customer",
        "action": "switch-traffic",
        "requester_id": ANA,
        "requester": "Ana",
        "reason": FORMULA,
        "forced": True,
        "forced_over": ["The data has never been verified. Better: /workflow verify-data shop 3"],
        "needs": "peer",
        "required": 1,
        "approved_by": [],
        "denied_by_id": CHIOMA,
        "denied_by": "Chioma",
        "denied_because": f"not now; {FORMULA}",
        "presses_not_counted": 1,
        "outcome": "denied",
        "sent_at": None,
    }
    assert {name: switch[name] for name in wanted} == wanted
    decided = switch["decisions"][0]
    assert (decided["what"], decided["user"], decided["reason"]) == ("deny", "Chioma", f"not now; {FORMULA}")
    assert switch["asked_at"].endswith("Z")
    first = stage.first
    assert switch["card"] == f"https://acme.slack.com/archives/{first.channel}/p{first.ts.replace('.', '')}"
    assert (complete["outcome"], complete["requester"], complete["card"]) == ("blocked", "Ben", None)
    lines, _ = await exported(stage, "jsonl")
    assert [json.loads(line) for line in lines.splitlines()] == [switch, complete]


async def test_no_cell_is_a_formula(http_stage: Stage) -> None:
    """Whatever people wrote, the table has a cell for each column and none that a spreadsheet runs."""
    stage = http_stage
    await a_night(stage)
    text, _ = await exported(stage, "csv")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert len(rows) == 2
    assert rows[0]["reason"] == "'=HYPERLINK(A1);'+1"
    assert rows[0]["denied_because"] == "not now; '=HYPERLINK(A1);'+1"
    assert json.loads(rows[0]["decisions"])[0]["reason"] == f"not now; {FORMULA}"
    assert "; =" not in rows[0]["decisions"]
    assert ";+" not in rows[0]["decisions"]


async def test_what_this_version_cannot_read(http_stage: Stage) -> None:
    """A request of a newer version is left out, which is said beside the table; `since` counts."""
    stage = http_stage
    await a_night(stage)
    broken = update(operations).where(operations.c.action == "complete").values(state="of tomorrow")
    await stage.bot.database.write(lambda connection: connection.execute(broken).rowcount)
    text, complaints = await exported(stage, "json")
    assert [row["action"] for row in json.loads(text)] == ["switch-traffic"]
    assert len(complaints) == 1
    later, _ = await exported(stage, "json", since=stage.clock.now())
    assert json.loads(later) == []
