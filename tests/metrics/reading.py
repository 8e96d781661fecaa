"""A page of figures, as Prometheus reads it."""

from dataclasses import dataclass

import httpx
from prometheus_client.metrics_core import Metric
from prometheus_client.parser import text_string_to_metric_families
from starlette.applications import Starlette


@dataclass(frozen=True)
class Page:
    """What was read."""

    families: dict[str, Metric]
    """By name; a counter's without its `_total`."""

    def of(self, name: str, **labels: str) -> float | None:
        """The value of one series, whose name begins with `workflow_bot_`; `None`: it is not there."""
        found = [
            sample.value
            for family in self.families.values()
            for sample in family.samples
            if sample.name == f"workflow_bot_{name}" and sample.labels == labels
        ]
        return found[0] if found else None


async def read_page(page: Starlette | None) -> Page:
    """What `GET /metrics` answers."""
    assert page is not None
    transport = httpx.ASGITransport(page)
    async with httpx.AsyncClient(transport=transport, base_url="http://bot", trust_env=False) as client:
        answer = await client.get("/metrics")
    assert answer.status_code == 200
    return Page({one.name: one for one in text_string_to_metric_families(answer.text)})
