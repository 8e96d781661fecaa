"""The drawing itself. The only module that knows matplotlib, and without its global state (`pyplot`)."""

import io
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter, date2num
from matplotlib.figure import Figure
from matplotlib.font_manager import findfont, get_font
from matplotlib.patches import Rectangle
from matplotlib.ticker import FuncFormatter, MaxNLocator

from bot.slack.cards.blocks.rich import At, one_line
from bot.slack.cards.blocks.words import count, cut
from bot.workflows.observing.picture import HELD, Mark, Picture

SIZE, DPI = (9.0, 5.0), 100
PAPER, INK, FAINT, GRID, SHADE = "#f6f6f3", "#1f2328", "#565d66", "#dcddd9", "#b4b7b3"
"""A paper of its own, so that the reader's light or dark mode does not matter."""
COLOURS = ("#0072b2", "#e69f00", "#009e73", "#d55e00", "#56b4e9", "#cc79a7", "#868b92")
"""Told apart also by most people who do not see all colours (Okabe and Ito)."""
STEPS = 90
"""So many rates side by side."""
MARKS = 7
"""So many are numbered; the words have them all."""
BESIDE = 0.15
"""A mark is drawn if it is later than the rows by at most this share of their time; the key has it anyway."""
LEFT, RIGHT = 0.075, 0.68
KEY = 0.7
LINE = 0.043
DAYS = ["", "%Y", "%b", "%d %b", "%H:%M", "%H:%M"]
"""How a tick is written where a new year, month, day, hour, minute, second begins."""
FONT = "DejaVu Sans"
"""It comes with the library: the picture is the same everywhere."""


def plot(picture: Picture) -> bytes:
    """The picture as PNG."""
    figure = Figure(figsize=SIZE, dpi=DPI, facecolor=PAPER)
    canvas = FigureCanvasAgg(figure)
    rows = figure.add_axes((LEFT, 0.45, RIGHT - LEFT, 0.4))
    rate = figure.add_axes((LEFT, 0.08, RIGHT - LEFT, 0.27))
    marks = [mark for mark in picture.marks if mark.what != HELD][:MARKS]
    begins, ends = _span(picture, marks)
    _rows(rows, picture)
    _rates(rate, picture)
    for axes, name in ((rows, "Rows copied · times in UTC"), (rate, "Rows a second")):
        _dress(axes, name, begins, ends)
        _mark(axes, picture.marks, marks, ends)
    _number(rows, marks, begins, ends)
    _say(figure, 0.015, 0.945, cut(picture.title, 80), fontsize=12, fontweight="bold")
    _key(figure, picture, marks)
    out = io.BytesIO()
    canvas.print_png(out)
    return out.getvalue()


def _span(picture: Picture, marks: Sequence[Mark]) -> tuple[float, float]:
    begins, ends = _day(picture.begins), _day(picture.ends)
    latest = ends + (ends - begins) * BESIDE
    near = [_day(mark.at) for mark in marks if ends < _day(mark.at) <= latest]
    return begins, max([ends, *near]) + (ends - begins) * 0.01


def _rows(axes: Axes, picture: Picture) -> None:
    moments = [_day(at) for at, _ in picture.totals]
    axes.stackplot(moments, [[rows for _, rows in one.points] for one in picture.series], colors=COLOURS)


def _rates(axes: Axes, picture: Picture) -> None:
    """Means over short times of equal length. Rows that are copied anew have no negative rate."""
    moments = np.array([_day(at) for at, _ in picture.totals])
    edges = np.linspace(moments[0], moments[-1], STEPS + 1)
    seconds = (edges[1] - edges[0]) * 86400
    rates = []
    for one in picture.series:
        rows = np.interp(edges, moments, [float(rows) for _, rows in one.points])
        gained = np.maximum(np.diff(rows), 0) / seconds
        rates.append(np.append(gained, gained[-1]))
    axes.stackplot(edges, rates, colors=COLOURS, step="post")


def _dress(axes: Axes, name: str, begins: float, ends: float) -> None:
    axes.set_facecolor(PAPER)
    axes.set_xlim(begins, ends)
    axes.set_ylim(0, max(4, axes.dataLim.ymax * 1.06))
    axes.grid(visible=True, axis="y", color=GRID, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.spines["bottom"].set_color(FAINT)
    axes.tick_params(colors=FAINT, labelsize=8.5, labelfontfamily=FONT, length=3)
    axes.tick_params(axis="y", length=0)
    locator = AutoDateLocator(tz=UTC, minticks=3, maxticks=7)
    formatter = ConciseDateFormatter(locator, tz=UTC, zero_formats=DAYS, show_offset=False)
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(formatter)
    axes.yaxis.set_major_locator(MaxNLocator(4, integer=True))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: count(int(value))))
    axes.text(0, 1.04, name, transform=axes.transAxes, fontsize=9, fontfamily=FONT, color=FAINT)


def _mark(axes: Axes, all_marks: Sequence[Mark], numbered: Sequence[Mark], ends: float) -> None:
    for mark in all_marks:
        if mark.what == HELD and mark.until:
            axes.axvspan(_day(mark.at), _day(mark.until), color=SHADE, alpha=0.55, linewidth=0, zorder=0)
    for mark in numbered:
        if _day(mark.at) <= ends:
            axes.axvline(_day(mark.at), color=INK, linewidth=1.1, linestyle=(0, (3, 2)))


def _number(axes: Axes, marks: Sequence[Mark], begins: float, ends: float) -> None:
    """The numbers of the marks above their lines, moved aside where they would lie on each other."""
    wide, right = 0.032, 1.0
    drawn = [(number, mark) for number, mark in enumerate(marks, 1) if begins <= _day(mark.at) <= ends]
    for number, mark in reversed(drawn):
        true = (_day(mark.at) - begins) / (ends - begins)
        place = min(true, right)
        right = place - wide
        axes.annotate(
            str(number),
            xy=(true, 1.0),
            xytext=(place, 1.09),
            xycoords="axes fraction",
            ha="center",
            va="center",
            fontsize=8.5,
            fontfamily=FONT,
            color=PAPER,
            bbox={"boxstyle": "circle,pad=0.25", "facecolor": INK, "linewidth": 0},
            arrowprops={"arrowstyle": "-", "color": INK, "linewidth": 1.0, "shrinkA": 0, "shrinkB": 0},
            annotation_clip=False,
        )


def _key(figure: Figure, picture: Picture, marks: Sequence[Mark]) -> None:
    """What the colours and numbers mean, one below the other: nothing can overlap."""
    y = 0.83
    for one, colour in zip(picture.series, COLOURS, strict=False):
        _swatch(figure, y, colour)
        _say(figure, KEY + 0.025, y, cut(one.name, 24))
        _say(figure, 0.985, y, count(one.rows), ha="right", color=FAINT)
        y -= LINE
    if any(mark.what == HELD for mark in picture.marks):
        _swatch(figure, y, SHADE)
        _say(figure, KEY + 0.025, y, HELD, color=FAINT)
        y -= LINE
    y -= LINE / 2
    for number, mark in enumerate(marks, 1):
        _say(figure, KEY + 0.004, y, str(number), fontweight="bold")
        _say(figure, KEY + 0.025, y, mark.what)
        _say(figure, 0.985, y, At(mark.at).fallback.removesuffix(" UTC"), ha="right", color=FAINT)
        y -= LINE


def _swatch(figure: Figure, y: float, colour: str) -> None:
    figure.add_artist(Rectangle((KEY, y - 0.004), 0.014, 0.025, color=colour, linewidth=0))


def _say(figure: Figure, x: float, y: float, text: str, **style: Any) -> None:
    """Foreign text as it is: no formula in it, no sign that the font does not have."""
    known = get_font(findfont(FONT)).get_charmap()
    legible = "".join(sign if ord(sign) in known else "□" for sign in one_line(text))
    how: dict[str, Any] = {"fontsize": 8.5, "color": INK, "fontfamily": FONT, "parse_math": False} | style
    figure.text(x, y, legible, **how)


def _day(at: datetime) -> float:
    return float(date2num(at))
