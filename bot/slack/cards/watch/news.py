"""What is told of a workflow beside its live message: calls, posts, and replies under it."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final

from bot.slack.cards.blocks.rich import (
    MAX_NOTICE,
    Card,
    GroupMention,
    Line,
    Link,
    Message,
    Part,
    PersonMention,
)
from bot.slack.cards.blocks.templates import Parts
from bot.slack.cards.watch.live_buttons import (
    COMPLETE,
    RESTORE,
    RETRY,
    REVERSE,
    SWITCH_PRIMARIES,
    SWITCH_REPLICAS,
    VERIFY,
    NextStep,
    allowed,
    as_button,
    next_of,
    way_back,
)
from bot.slack.cards.watch.live_view import ROOMS, LiveView
from bot.slack.cards.watch.news_state import as_it_was
from bot.slack.cards.watch.news_view import NewsView
from bot.slack.cards.watch.news_words import CAUSED, OUTSIDE, TOLD
from bot.slack.cards.watch.over import over
from bot.slack.cards.watch.weighing import edge_of_news
from bot.watch.ports import Loudness, News
from bot.workflows.observing.closing import Closing, closing_of
from bot.workflows.observing.happenings import Happening
from bot.workflows.own import happened_of

IN_CHANNEL, IN_THREAD = 300, 200
"""Characters; in at most three lines, and two."""
_SIGNS = "⚠️❓↩⛔ "

_STEPS: Final[Mapping[Happening, tuple[NextStep, ...]]] = {
    Happening.COPIED: (VERIFY,),
    Happening.CLEAN: (SWITCH_REPLICAS, SWITCH_PRIMARIES),
    Happening.DIFFERS: (VERIFY,),
    Happening.VERIFICATION_BROKE_OFF: (VERIFY,),
    Happening.STALE: (VERIFY,),
    Happening.REPLICAS_SWITCHED: (REVERSE,),
    Happening.PRIMARIES_SWITCHED: (REVERSE,),
    Happening.CUT_OVER: (RESTORE,),
    Happening.REVERSED: (VERIFY,),
    Happening.STOPPED: (RETRY,),
    Happening.ERROR: (RETRY,),
    Happening.NOT_COMPLETED: (COMPLETE,),
}
"""What may be pressed at once; only what the state allows when it is told is shown."""


def news_message(
    news: News,
    view: LiveView,
    *,
    card_link: str | None = None,
    called_later: Collection[str] = (),
    told_at: datetime | None = None,
) -> Message:
    """How it reads. `card_link`: of the operation that caused it.

    `called_later`: whom a newer call about the same workflow mentions, so that this one need not. `told_at`:
    when it went to Slack, where it is there: it goes on reading as it did then.
    """
    happened = happened_of(news.happened)
    told = NewsView(news, as_it_was(replace(view, now=told_at or view.now), happened), view)
    closing = closing_of(happened, view.observed) if view.watch.observed and not told.told_by_card else None
    (first, *rest), is_over = _short_enough(told, card_link, closing)
    card, lines = Card(), [(*first, *_mentions(news, view, called_later)), *rest]
    if is_over:  # what is told late begins with what is so now, here and in the notification
        lines.insert(0 if told.is_late else len(lines), is_over)
    edge = None if is_over else edge_of_news(happened.what, outside=news.outside)
    for place, parts in enumerate(lines):
        if edge and place == 1:  # what comes first, and whoever is mentioned, stands above the edge
            card.divider()
        card.line(*parts)
    if not is_over and not told.told_by_card and view.watch.over is None:
        card.actions(*(as_button(view, step) for step in _steps(told, view)))
    return card.message(_notice(told, is_over if told.is_late else ()), edge)


def _short_enough(
    told: NewsView, card_link: str | None, closing: Closing | None
) -> tuple[list[Parts], Parts]:
    """The lines with as much room as there is, and how it is over; what still does not fit is left out from
    the end.
    """
    in_thread = told.news.loudness is Loudness.THREAD
    most = IN_THREAD if in_thread else IN_CHANNEL
    lines: list[Parts] = []
    is_over: Parts = ()
    for room in ROOMS:
        lines = _lines(told.within(room), card_link)
        if closing:
            del lines[1 if in_thread else 2 :]  # it takes the place of what to do about it
            is_over = over(closing, told.moment(closing.at), room.name)
        if _length([*lines, is_over]) <= most:
            return lines, is_over
    while len(lines) > 1 and _length([*lines, is_over]) > most:
        lines.pop()
    return lines, is_over


def _length(lines: list[Parts]) -> int:
    return sum(Line(parts).width for parts in lines)


def _lines(told: NewsView, card_link: str | None) -> list[Parts]:
    news = told.news
    what = told.happened.what
    if told.told_by_card:
        link: Parts = (" · ", Link(card_link)) if card_link else ()
        return [(*told.fill(CAUSED[what]), " at ", told.at, *told.by, *link)]
    templates = (OUTSIDE if news.outside and what in OUTSIDE else TOLD)[what]
    filled = (_trimmed(told.fill(template)) for template in templates)
    lines = [parts for parts in filled if _still_holds(told, Line(parts).plain)]
    if news.loudness is Loudness.THREAD:
        del lines[2:]
    lines[0] = (*lines[0], *told.late)
    return lines


def _still_holds(told: NewsView, text: str) -> bool:
    """Whether a line says something, and nobody who types its command now would be refused."""
    if not text.strip(_SIGNS):
        return False
    current = told.current
    if current.watch.observed is None:
        return True
    return allowed(current).text(text)


def _trimmed(parts: Parts) -> Parts:
    """Without the gap that something left out at the end leaves behind."""
    last = parts[-1] if parts else None
    if not isinstance(last, str):
        return parts
    return (*parts[:-1], last.rstrip()) if last.strip() else _trimmed(parts[:-1])


def _mentions(news: News, view: LiveView, called_later: Collection[str]) -> Parts:
    """People who must act now."""
    if news.loudness is not Loudness.CALL:
        return ()
    parts: list[Part] = []
    for one in news.mentions:
        if one in called_later:
            continue
        name = view.names.get(one) or view.watch.names.get(one)
        parts += [" ", GroupMention(one, name) if one.startswith("S") else PersonMention(one, name)]
    return tuple(parts)


def _steps(told: NewsView, view: LiveView) -> tuple[NextStep, ...]:
    fitting = _STEPS.get(told.happened.what, ())
    return tuple(step for step in (way_back(view), next_of(view)) if step in fitting)


def _notice(told: NewsView, now: Parts) -> str:
    """As many of its lines as a notification holds, without signs; it names the workflow. `now`: what is said
    before them."""
    text = ""
    for room in ROOMS:
        short = told.within(room)
        plain = [_sentence(parts) for parts in _lines(short, None)]
        if told.told_by_card:
            plain = [f"{short.live.ref}: {plain[0]}"]
        if now:
            plain = [f"{_sentence(now)} {plain[0]}", *plain[1:2]]
        texts = (" ".join(plain[:count]) for count in range(len(plain), 0, -1))
        text = next((one for one in texts if len(one) <= MAX_NOTICE), text or plain[0])
        if len(text) <= MAX_NOTICE:
            break
    return text


def _sentence(parts: Parts) -> str:
    text = Line(parts).plain.strip(_SIGNS).replace(" · ", ", ")
    return text if text.endswith((".", "…")) else f"{text}."
