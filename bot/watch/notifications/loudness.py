"""How loudly each thing that happened is told, and to whom. Pure.

What an operation of the bot did is told by that operation's card, and at most by one reply under the live
message that links to it; how a verification ended is told in full. What a person did without the bot is told
as such.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from bot.watch.model import Watch
from bot.watch.ports import Loudness, News
from bot.workflows.observing.happenings import Happened, Happening

CALL, POST, THREAD = Loudness.CALL, Loudness.POST, Loudness.THREAD

_BY_ITSELF: Mapping[Happening, Loudness] = {
    Happening.COPIED: CALL,
    Happening.CLEAN: CALL,
    Happening.DIFFERS: CALL,
    Happening.VERIFICATION_BROKE_OFF: CALL,
    Happening.NO_REPORT: CALL,
    Happening.VERIFICATION_STANDS: CALL,
    Happening.STALE_SOON: THREAD,
    Happening.STALE: THREAD,
    Happening.MOVING_LONG: CALL,
    Happening.STOPPED: CALL,
    Happening.ERROR: CALL,
    Happening.STREAM_ERROR: CALL,
    Happening.THROTTLED: THREAD,
    Happening.THROTTLED_LONG: POST,
    Happening.SLOWER: POST,
    Happening.STANDING: CALL,
    Happening.INDEXING_LONG: THREAD,
    Happening.CANCELLING_LONG: THREAD,
    Happening.GOING_ON: THREAD,
    Happening.NOT_COMPLETED: THREAD,
    Happening.GONE: POST,
}
"""How it is told, whoever began. The start of a verification is an edit of the live message alone."""

_OUTSIDE: Mapping[Happening, Loudness] = {
    Happening.REPLICAS_SWITCHED: CALL,
    Happening.PRIMARIES_SWITCHED: CALL,
    Happening.CUT_OVER: CALL,
    Happening.COMPLETED: CALL,
    Happening.CANCELLED: CALL,
    Happening.CANCELLING_WITH_TRAFFIC: CALL,
    Happening.SWITCH_BROKE_OFF: CALL,
    Happening.CLEAN: POST,
    Happening.DIFFERS: CALL,
    Happening.VERIFICATION_BROKE_OFF: CALL,
    Happening.NO_REPORT: CALL,
    Happening.REVERSED: POST,
    Happening.RETRIED: POST,
    Happening.RULES_RESTORED: POST,
}
"""Somebody asked for it: how it is told when that was not through the bot."""

_FOR_APPROVERS = frozenset(
    {
        Happening.REPLICAS_SWITCHED,
        Happening.PRIMARIES_SWITCHED,
        Happening.CUT_OVER,
        Happening.COMPLETED,
        Happening.CANCELLED,
        Happening.CANCELLING_WITH_TRAFFIC,
    }
)
"""Done without the two-person rule: those who would have been asked hear of it."""

_LINKED = _FOR_APPROVERS | {Happening.REVERSED, Happening.RULES_RESTORED}
"""Done by the bot: one reply with a link to the card."""

_CARD_TELLS = frozenset({Happening.MOVING_LONG, Happening.ERROR})
"""Told by itself; but of what the bot did the card tells it, and calls whom it concerns."""


def tell(
    happened: Sequence[Happened],
    watch: Watch,
    causes: Mapping[Happening, str],
    approvers: Sequence[str] = (),
) -> tuple[News, ...]:
    """What is told of what one read showed, in order. Of several calls the last one stays a call, to all whom
    any of them called.

    `causes`: by what happened, the operation of the bot that caused it. `approvers`: whom the policy names
    for the database.
    """
    found = [_news(one, watch, causes.get(one.what), approvers) for one in happened]
    news = [one for one in found if one]
    calls = [place for place, one in enumerate(news) if one.loudness is CALL]
    called = dict.fromkeys(one for place in calls for one in news[place].mentions)
    for place in calls[:-1]:
        news[place] = replace(news[place], loudness=POST, mentions=())
    for place in calls[-1:]:
        news[place] = replace(news[place], mentions=tuple(called))
    return tuple(news)


def _news(happened: Happened, watch: Watch, cause: str | None, approvers: Sequence[str]) -> News | None:
    what = happened.what
    if cause and what in _LINKED:
        return News(happened=happened, loudness=THREAD, caused_by=cause)
    outside = what in _OUTSIDE and not cause
    loudness = _OUTSIDE[what] if outside else _BY_ITSELF.get(what)
    if loudness is None or (cause and what in _CARD_TELLS):
        return None
    named = tuple(approvers) if what in _FOR_APPROVERS else ()
    called = dict.fromkeys((*((watch.mention,) if watch.mention else ()), *named))
    mentions = tuple(called) if loudness is CALL else ()
    return News(happened=happened, loudness=loudness, mentions=mentions, outside=outside)
