"""`GET /metrics`: what Prometheus reads, on a port of its own."""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import Final

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.metrics import table
from bot.metrics.process import ProcessFigures
from bot.metrics.rows import Read, Samples
from bot.metrics.table import Figure
from bot.planetscale.organizations import Organizations

PATH: Final = "/metrics"
_BESIDE: Final = "_created"
"""What the client adds of each series: when it began. Nobody asks for it."""

Ready = Callable[[], Awaitable[Mapping[str, bool]]]
Rows = Callable[[], Awaitable[Read | None]]


def metrics_page(
    figures: ProcessFigures,
    ready: Ready,
    rows: Rows,
    organizations: Organizations,
    *,
    version: str,
    role: str,
    budget: int,
) -> Starlette:
    """Nothing else is there. `role`: `run`, `web` or `worker`. `budget`: requests to each organization in any
    60 s.
    """

    def now(works: Mapping[str, bool], read: Read | None) -> Iterator[tuple[Figure, Samples]]:
        names = organizations.names
        yield table.INFO, {(version, role): 1}
        yield table.READY, {(part,): float(well) for part, well in works.items()}
        yield table.BUDGET_LIMIT, {(name,): budget for name in names}
        yield table.BUDGET_USED, {(name,): figures.requests_lately(name) for name in names}
        yield table.PLANETSCALE_WAITING, {(name,): organizations.of(name).waiting for name in names}
        yield table.ROWS_READ, {(): float(read is not None)}
        yield from (read or {}).items()

    async def answer(_request: Request) -> Response:
        gauges = dict(now(await ready(), await rows()))
        return Response(generate_latest(_Answer(figures, gauges)), media_type=CONTENT_TYPE_LATEST)

    page = Starlette(routes=[Route(PATH, answer)])
    page.router.redirect_slashes = False
    return page


class _Answer(Collector):
    """All figures as of one moment."""

    def __init__(self, figures: ProcessFigures, gauges: Read) -> None:
        self._figures = figures
        self._gauges = gauges

    def collect(self) -> Iterator[Metric]:
        for metric in self._figures.registry.collect():
            metric.samples = [one for one in metric.samples if not one.name.endswith(_BESIDE)]
            yield metric
        for figure, samples in self._gauges.items():
            family = GaugeMetricFamily(figure.name, figure.help, labels=figure.labels)
            for values, value in samples.items():
                family.add_metric(values, value)
            yield family
