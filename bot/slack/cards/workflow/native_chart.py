"""A picture of a copy as Slack's own chart: the block `data_visualization`, which Slack's clients draw."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from bot.slack.cards.blocks.plainer import CHART
from bot.slack.cards.blocks.rich import Block, Message, one_line, shorten
from bot.workflows.observing.picture import Picture

MAX_SERIES: Final = 6
MAX_POINTS: Final = 20
MAX_NAME: Final = 20
"""Characters of a series' name and of what stands under a point."""
MAX_TITLE: Final = 50
"""Characters, of the words along an axis too."""


def native_chart(picture: Picture) -> Block:
    """The rows of the largest tables over time, within Slack's limits. Times are UTC."""
    drawn = picture.gathered(MAX_SERIES).thinned(MAX_POINTS)
    moments = [at for at, _ in drawn.totals]
    labels = _labels(moments)
    names = _distinct(_brief(one.name) for one in drawn.series)
    series = [
        {
            "name": name,
            "data": [_point(label, rows) for label, (_, rows) in zip(labels, one.points, strict=True)],
        }
        for name, one in zip(names, drawn.series, strict=True)
    ]
    axes = {"categories": labels, "x_label": _when(moments), "y_label": "Rows copied"}
    return {
        "type": CHART,
        "title": shorten(f"Rows copied of {one_line(picture.title)}", MAX_TITLE),
        "chart": {"type": "line", "series": series, "axis_config": axes},
    }


def with_chart(message: Message, picture: Picture) -> Message:
    """The message with the chart below its words; of a coloured edge, what can be pressed stays beside it."""
    words = [block for block in message.blocks if block["type"] not in {"actions", "divider"}]
    rows = [block for block in message.blocks if block["type"] == "actions"]
    edge = [{"type": "divider"}] if message.edge else []
    return replace(message, blocks=(*words, native_chart(picture), *edge, *rows))


def _point(label: str, rows: int) -> Block:
    return {"label": label, "value": rows}


def _labels(moments: Sequence[datetime]) -> list[str]:
    """As short as they can be told apart."""
    day = "" if _one_day(moments) else "%d %b "
    minutes = [at.strftime(f"{day}%H:%M") for at in moments]
    if len(set(minutes)) == len(minutes):
        return minutes
    return _distinct(at.strftime(f"{day}%H:%M:%S") for at in moments)


def _when(moments: Sequence[datetime]) -> str:
    return moments[0].strftime("%d %b, UTC") if _one_day(moments) else "UTC"


def _one_day(moments: Sequence[datetime]) -> bool:
    return moments[0].date() == moments[-1].date()


def _brief(name: str) -> str:
    """A long name without its middle: tables' names differ at their ends as often as at their beginnings."""
    shown = one_line(name).strip() or "(no name)"
    if len(shown) <= MAX_NAME:
        return shown
    head = MAX_NAME // 2
    return f"{shown[:head]}…{shown[1 + head - MAX_NAME :]}"


def _distinct(names: Iterable[str]) -> list[str]:
    """The names, each only once: those that look the same are numbered."""
    found: list[str] = []
    for name in names:
        shown, number = name, 1
        while shown in found:
            number += 1
            suffix = f" ({number})"
            shown = name[: MAX_NAME - len(suffix)] + suffix
        found.append(shown)
    return found
