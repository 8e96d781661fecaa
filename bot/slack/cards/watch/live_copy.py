"""The live message from the beginning until all rows are copied: is it going on, and if not, why."""

from datetime import datetime, timedelta

from bot.slack.cards.blocks.bars import (
    NAME_WIDTH,
    TABLES_SHOWN,
    counted,
    rows_so_far,
    table_bars,
    tables_shown,
    total_bar,
)
from bot.slack.cards.blocks.rich import Line, Monospaced, Piece, code
from bot.slack.cards.blocks.templates import Parts
from bot.slack.cards.blocks.words import coarse, count, duration
from bot.slack.cards.watch.live_told import StageText, about, told, with_share
from bot.slack.cards.watch.live_view import LiveView
from bot.workflows.facts.progress import Copy, held_last
from bot.workflows.facts.states import State
from bot.workflows.observing.estimate import Estimate, Trend
from bot.workflows.observing.stage import STARTS_WITHIN

ALIKE = 0.25
"""Rates that differ by less tell the same of the time that is left."""
MANY_TO_SHOW = 4
"""So many tables fit below a bar of their own for all rows."""
_AS_OF = " · as of {rows_read_at}"
_NOT_STARTED = (
    "Has not started for more than 10 min. Look at `/workflow show {place}`; "
    "if it gives no reason: PlanetScale support."
)
_TRENDS = {
    Trend.STEADY: ", steady",
    Trend.FASTER: ", faster than an hour before",
    Trend.SLOWER: ", slower than an hour before",
}


def pending(view: LiveView) -> StageText:
    """Created, and no row copied yet; after ten minutes it says that this is unusual."""
    late = view.now - view.observed.entered_at >= STARTS_WITHIN
    slow = (Line(view.fill(_NOT_STARTED)),) if late else ()
    return StageText(
        ("Waiting to start",), (about(view, count_tables=True), *slow), view.fill(" · as of {read_at}")
    )


def copying(view: LiveView) -> StageText:
    """Rows are being copied: how many, how fast, and how much time is left."""
    return with_share(view, StageText(("Copying",), _progress(view), view.fill(_AS_OF)))


def indexing(view: LiveView) -> StageText:
    """The rows of a table are there, and its indexes are probably being built: nothing moves for long."""
    table = view.observed.indexing
    named = f" on {view.cut(table)}" if table else ""
    since = _since(view, view.observed.indexing_since)
    copy = view.copy
    total = next((one.total for one in (copy.tables if copy else ()) if one.name == table), None)
    of = f"For a table of about {count(total)} rows this" if total else "This"
    why = Line((f"Rows stand still while indexes are built. {of} can take hours. No estimate.",))
    stage = with_share(view, StageText(("Copying",), (why,), view.fill(_AS_OF)))
    return StageText((*stage.head, f" · probably building indexes{named}", *since), stage.body, stage.tail)


def catching_up(view: LiveView) -> StageText:
    """All rows are counted, but PlanetScale has not called the copy complete."""
    return told(
        view,
        "Copying, catching up",
        "All rows are counted; PlanetScale has not called the copy complete yet. No estimate.",
    )


def held_back(view: LiveView) -> StageText:
    """The throttler holds it back, while it copies or after that."""
    copies = view.state is State.COPYING
    stage = with_share(
        view, StageText(("Copying" if copies else "Copied",), (_throttler(view),), view.fill(_AS_OF))
    )
    since = _since(view, view.observed.throttled_since, first_seen=view.observed.throttled_before)
    return StageText((*stage.head, " · throttled", *since), stage.body, stage.tail)


def _throttler(view: LiveView) -> Line:
    stream = held_last(view.workflow)
    on: Parts = ()
    if stream:
        component = code(view.cut(stream.component_throttled or ""))
        on = (" on ", component, f" (stream {view.cut(stream.target_shard or '-')})")
    goes_on = " to protect the database. It goes on by itself. No estimate meanwhile."
    return Line(("Held back by the throttler", *on, goes_on))


def standing(view: LiveView) -> StageText:
    """Nothing has moved for long, and nothing that was read says why."""
    moved = view.observed.moved_at or view.observed.entered_at
    stage = told(
        view,
        "",
        "Not throttled, no error reported, no table is at the index step.",
        "Look at: stream messages (menu), load on {source}. The application is not affected.",
        tail=_AS_OF,
    )
    head: Parts = ("No progress since ", view.at(moved))
    return with_share(view, StageText(head, stage.body, stage.tail))


def _since(view: LiveView, moment: datetime | None, *, first_seen: bool = False) -> Parts:
    how = ", first seen " if first_seen else " since "
    return (how, view.at(moment)) if moment else ()


def _progress(view: LiveView) -> tuple[Piece, ...]:
    copy = view.copy
    if copy is None:
        return (Line(("Progress: not reported by PlanetScale",)), _time_left(view, None), about(view))
    shown = tables_shown(copy, min(view.room.rows, TABLES_SHOWN))
    bars = table_bars(shown, min(view.room.name, NAME_WIDTH))
    many = len(copy.tables) > TABLES_SHOWN
    if not many and len(shown) > MANY_TO_SHOW:
        rows = Line((*_time_left(view, copy).parts, f" · {rows_so_far(copy)}"))
        return (rows, Monospaced(tuple(bars)), about(view))
    left = _time_left(view, copy)
    total = Monospaced((total_bar(copy),))
    more = (Line((counted(copy),)),) if len(copy.tables) > len(shown) else ()
    return (total, left, *more, Monospaced(tuple(bars)), about(view))


def _time_left(view: LiveView, copy: Copy | None) -> Line:
    """`About 4 h left (3 to 6 h) · 41 k rows/s, steady`"""
    found = view.observed.estimate
    if found is None:
        return Line(("No estimate yet",))
    unsure = copy is not None and copy.more_than_estimated
    left = (
        "No estimate" if unsure or found.left is None else f"About {_rough(found.left)} left{_range(found)}"
    )
    if found.rate is None:
        return Line((left,))
    trend = _TRENDS[found.trend] if found.trend else ""
    return Line((f"{left} · {_rates(found.rate, None if unsure else found.expected)}{trend}",))


def _rates(lately: float, expected: float | None) -> str:
    """`41 k rows/s`; where the time that is left goes by another rate than that of lately, both."""
    said = f"{count(int(lately))} rows/s"
    if expected is None or abs(lately / expected - 1) <= ALIKE:
        return said
    return f"{count(int(expected))} rows/s expected, {said} lately"


def _rough(length: timedelta) -> str:
    """Minutes matter for a few hours only."""
    if length < timedelta(minutes=1):
        return "1 min"
    return duration(length) if length < timedelta(hours=3) else coarse(length)


def _range(found: Estimate) -> str:
    """` (3 to 6 h)`"""
    if found.soonest is None or found.latest is None:
        return ""
    low, high = (coarse(max(one, timedelta(minutes=1))) for one in (found.soonest, found.latest))
    if low == high:
        return ""
    same = low.split()[-1] == high.split()[-1]
    return f" ({low.split()[0] if same else low} to {high})"
