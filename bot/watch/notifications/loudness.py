"""How loudly each thing that happened is told, and to whom. Pure.

What an operation of the bot did is told by that operation, or where it is told elsewhere by one reply under
the live message that links to its card; how a verification ended is told in full. What a person did without
the bot is told as such.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from bot.subjects.model import HappenedToSubject
from bot.watch.model import Watch
from bot.watch.ports import Loudness, News

CALL, POST, THREAD = Loudness.CALL, Loudness.POST, Loudness.THREAD


@dataclass(frozen=True, slots=True, kw_only=True)
class LoudnessRules:
    """How the news of one kind of subject are told, by what happened."""

    by_itself: Mapping[str, Loudness]
    """Whoever began. What is not in it is an edit of the live message alone."""
    outside: Mapping[str, Loudness]
    """Somebody asked for it: how it is told when that was not through the bot."""
    calls_named: Collection[str]
    """Trouble, and what was done without the two-person rule: whom the policy names is called as well."""
    linked: Collection[str]
    """Done by the bot: one reply with a link to the card."""
    on_the_way: Collection[str]
    """Of these, what is not yet the end of the request."""
    card_tells: Collection[str]
    """Told by itself; but of what the bot did the card tells it, and calls whom it concerns."""


def tell(
    happened: Sequence[HappenedToSubject],
    watch: Watch,
    causes: Mapping[str, str],
    rules: LoudnessRules,
    named: Sequence[str] = (),
) -> tuple[News, ...]:
    """What is told of what one read showed, in order. Of several calls the last one stays a call, to all whom
    any of them called.

    `causes`: by what happened, the operation of the bot that caused it. `named`: whom the policy calls for
    the database.
    """
    found = [_news(one, watch, causes.get(one.what), rules, named) for one in happened]
    news = [one for one in found if one]
    calls = [place for place, one in enumerate(news) if one.loudness is CALL]
    called = dict.fromkeys(one for place in calls for one in news[place].mentions)
    for place in calls[:-1]:
        news[place] = replace(news[place], loudness=POST, mentions=())
    for place in calls[-1:]:
        news[place] = replace(news[place], mentions=tuple(called))
    return tuple(news)


def _news(
    happened: HappenedToSubject,
    watch: Watch,
    cause: str | None,
    rules: LoudnessRules,
    named: Sequence[str],
) -> News | None:
    what = happened.what
    if cause and what in rules.linked:
        ends = what not in rules.on_the_way
        return News(happened=happened, loudness=THREAD, caused_by=cause, ends=ends)
    outside = what in rules.outside and not cause
    loudness = rules.outside[what] if outside else rules.by_itself.get(what)
    if loudness is None or (cause and what in rules.card_tells):
        return None
    also = named if what in rules.calls_named else ()
    called = dict.fromkeys((*((watch.mention,) if watch.mention else ()), *also))
    mentions = tuple(called) if loudness is CALL else ()
    return News(happened=happened, loudness=loudness, mentions=mentions, outside=outside)
