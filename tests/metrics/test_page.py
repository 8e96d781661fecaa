"""The page of figures, against its table."""

from collections.abc import Mapping

import pytest

from bot.demo.clock import ManualClock
from bot.metrics import table
from bot.metrics.page import metrics_page
from bot.metrics.process import ProcessFigures
from bot.metrics.rows import Read, read_rows
from bot.planetscale.budget import Budget
from bot.planetscale.client import PlanetScale
from bot.planetscale.organizations import Organizations
from bot.store.engine.database import Database
from bot.store.errors import DatabaseUnavailableError
from tests.metrics.reading import Page, read_page
from tests.store.rows import NOW


class Process:
    """Its figures, and the page that shows them."""

    def __init__(self, read: Read | None = None) -> None:
        self.clock = ManualClock()
        self.figures = ProcessFigures(self.clock)
        client = PlanetScale(token_id="id", token="token", budget=Budget(480, self.clock), clock=self.clock)
        self._read = read
        self.page = metrics_page(
            self.figures,
            self.ready,
            self.rows,
            Organizations({"acme": client}, "acme"),
            version="1",
            role="run",
            budget=480,
        )

    async def ready(self) -> Mapping[str, bool]:
        return {"worker": True, "database": False}

    async def rows(self) -> Read | None:
        return self._read

    def tell_all(self) -> None:
        """Each figure hears of something."""
        figures = self.figures
        with figures.ack("command", "cutover"), figures.transaction("write"):
            self.clock.advance(0.2)
        with pytest.raises(DatabaseUnavailableError), figures.transaction("read"):
            raise DatabaseUnavailableError
        figures.operation_ended("cutover", "succeeded")
        figures.request_left("cutover", 0.4)
        figures.asked_planetscale("acme", "GET databases/{database}", "ok", 0.1)
        figures.asked_planetscale("acme", "GET databases/{database}", "budget", 0.0)
        figures.asked_slack("chat.postMessage", "limited")
        figures.taken_over("operation")
        figures.restarted("courier")
        figures.logged("error", "round_failed")

    async def read(self) -> Page:
        return await read_page(self.page)


async def test_the_table_is_what_is_served(database: Database) -> None:
    """Every figure of the table is on the page, of the kind and with the labels it says, and no other."""
    process = Process(await database.read(read_rows, NOW))
    process.tell_all()
    page = await process.read()
    served = {name: one for name, one in page.families.items() if name.startswith(table.PREFIX)}
    named = {figure.name.removesuffix("_total"): figure for figure in table.FIGURES}
    assert served.keys() == named.keys()
    for name, figure in named.items():
        assert served[name].type == figure.kind
        assert served[name].documentation == figure.help
        labels = {label for sample in served[name].samples for label in sample.labels} - {"le"}
        assert labels == set(figure.labels), name
        assert {sample.name for sample in served[name].samples} == set(figure.series)


async def test_what_was_counted() -> None:
    """What the engine tells stands on the page; what did not leave uses nothing of the budget."""
    process = Process()
    process.tell_all()
    page = await process.read()
    assert page.of("ack_seconds_sum", kind="command", sub_command="cutover") == pytest.approx(0.2)
    assert page.of("database_seconds_count", access="write") == 1
    assert page.of("database_errors_total", error="DatabaseUnavailableError") == 1
    assert page.of("ready", part="database") == 0
    assert page.of("planetscale_budget_used", organization="acme") == 1
    assert page.of("planetscale_budget_limit", organization="acme") == 480
    process.clock.advance(61)
    assert (await process.read()).of("planetscale_budget_used", organization="acme") == 0


def test_nobody_looks() -> None:
    """Where Prometheus never comes, nothing grows."""
    clock = ManualClock()
    figures = ProcessFigures(clock)
    for _ in range(1000):
        figures.asked_planetscale("acme", "GET databases/{database}", "ok", 0.1)
        clock.advance(1)
    assert len(figures._left["acme"]) <= 62


async def test_an_end_can_be_seen_to_happen_the_first_time() -> None:
    """What an alert waits for is a nought from the start: a rise to one is a rise."""
    process = Process()
    process.figures.started("courier")
    page = await process.read()
    assert page.of("restarts_total", part="courier") == 0
    assert page.of("leases_taken_over_total", what="operation") == 0
    assert page.of("operations_ended_total", action="cutover", outcome="too_late") == 0


async def test_the_database_is_away() -> None:
    """Figures that are read from the rows are left out then, neither old nor nought; one figure says so."""
    page = await Process().read()
    assert page.of("rows_read") == 0
    assert page.of("approvals_waiting") is None
    assert page.of("ready", part="worker") == 1
