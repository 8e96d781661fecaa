"""How loudly each thing is told."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.watch.model import Origin, Watch
from bot.watch.ports import Loudness, News
from bot.watch.telling import tell
from bot.workflows.happenings import CAUSED_BY, Happened, Happening
from tests.builders import NOW, REF, a_workflow

CALL, POST, THREAD = Loudness.CALL, Loudness.POST, Loudness.THREAD
APPROVERS = ("S0DBAS",)


def a_watch(mention: str | None = "U0ANA") -> Watch:
    return Watch(id="w", ref=REF, places=("C1",), origin=Origin.ASKED, mention=mention, created_at=NOW)


def happened(what: Happening, after: int = 0) -> Happened:
    at = NOW + timedelta(seconds=after)
    return Happened(what=what, at=at, seen_at=at, workflow=a_workflow(streams=None))


def one(what: Happening, *, by_bot: bool = False, mention: str | None = "U0ANA") -> News | None:
    causes = {what: "op"} if by_bot else {}
    found = tell([happened(what)], a_watch(mention), causes, APPROVERS)
    return found[0] if found else None


@pytest.mark.parametrize(
    ("what", "by_bot", "loudness", "outside", "mentions"),
    [
        (Happening.COPIED, False, CALL, False, ("U0ANA",)),
        (Happening.CLEAN, True, CALL, False, ("U0ANA",)),
        (Happening.CLEAN, False, POST, True, ()),
        (Happening.DIFFERS, True, CALL, False, ("U0ANA",)),
        (Happening.DIFFERS, False, CALL, True, ("U0ANA",)),
        (Happening.STALE_SOON, False, THREAD, False, ()),
        (Happening.REPLICAS_SWITCHED, True, THREAD, False, ()),
        (Happening.REPLICAS_SWITCHED, False, CALL, True, ("U0ANA", "S0DBAS")),
        (Happening.CUT_OVER, False, CALL, True, ("U0ANA", "S0DBAS")),
        (Happening.REVERSED, False, POST, True, ()),
        (Happening.COMPLETED, True, THREAD, False, ()),
        (Happening.CANCELLING_WITH_TRAFFIC, False, CALL, True, ("U0ANA", "S0DBAS")),
        (Happening.MOVING_LONG, False, CALL, False, ("U0ANA",)),
        (Happening.STOPPED, False, CALL, False, ("U0ANA",)),
        (Happening.ERROR, False, CALL, False, ("U0ANA",)),
        (Happening.THROTTLED, False, THREAD, False, ()),
        (Happening.THROTTLED_LONG, False, POST, False, ()),
        (Happening.GOING_ON, False, THREAD, False, ()),
        (Happening.NOT_COMPLETED, False, THREAD, False, ()),
    ],
)
def test_who_is_told_what(
    what: Happening, by_bot: bool, loudness: Loudness, outside: bool, mentions: tuple[str, ...]
) -> None:
    """Each event is told as loudly as it concerns people, and calls those who must act."""
    news = one(what, by_bot=by_bot)
    assert news is not None
    assert (news.loudness, news.outside, news.mentions) == (loudness, outside, mentions)


@pytest.mark.parametrize(
    "what", [Happening.MOVING_LONG, Happening.SWITCH_BROKE_OFF, Happening.RETRIED, Happening.ERROR]
)
def test_what_the_card_tells_is_not_told_twice(what: Happening) -> None:
    """What the bot's own operation did wrong is told by its card alone."""
    assert one(what, by_bot=True) is None
    assert one(what) is not None


def test_the_start_of_a_verification_is_an_edit() -> None:
    """It is seen in the live message, and nobody is told."""
    assert one(Happening.VERIFICATION_STARTED) is None
    assert one(Happening.VERIFICATION_STARTED, by_bot=True) is None


def test_nobody_is_called_for_what_was_found() -> None:
    """A workflow that nobody started through the bot calls nobody but the approvers whom the policy names."""
    copied, cut = one(Happening.COPIED, mention=None), one(Happening.CUT_OVER, mention=None)
    assert copied is not None
    assert cut is not None
    assert (copied.mentions, cut.mentions) == ((), APPROVERS)


@given(st.lists(st.sampled_from(list(Happening)), max_size=8), st.booleans())
def test_only_the_last_of_several_calls(whats: list[Happening], by_bot: bool) -> None:
    """Whatever one read shows: all of it is told in order, and at most one message calls people."""
    causes = {what: "op" for what in whats if by_bot and what in CAUSED_BY}
    news = tell([happened(what, n) for n, what in enumerate(whats)], a_watch(), causes, APPROVERS)
    assert sum(one.loudness is CALL for one in news) <= 1
    assert [one.happened.at for one in news] == sorted(one.happened.at for one in news)
    assert all(one.loudness is CALL or not one.mentions for one in news)
