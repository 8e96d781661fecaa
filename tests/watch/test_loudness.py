"""How loudly each thing is told."""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from bot.kinds.workflow.news_loudness import LOUDNESS
from bot.watch.model import Origin, Watch
from bot.watch.notifications.loudness import tell
from bot.watch.ports import Loudness, News
from bot.workflows.actions.registry import CAUSED_BY
from bot.workflows.observing.happenings import Happened, Happening
from tests.builders import NOW, REF, a_workflow
from tests.rows import each_row

CALL, POST, THREAD = Loudness.CALL, Loudness.POST, Loudness.THREAD
NAMED = ("S0DBAS",)
DOCUMENT = Path(__file__).parents[2] / "docs" / "watching.md"
PHRASES: Mapping[str, tuple[Happening, ...]] = {
    "replica reads switched": (Happening.REPLICAS_SWITCHED,),
    "writes switched": (Happening.PRIMARIES_SWITCHED,),
    "cut over": (Happening.CUT_OVER,),
    "completed": (Happening.COMPLETED,),
    "cancelled": (Happening.CANCELLED,),
    "being cancelled with traffic on the target": (Happening.CANCELLING_WITH_TRAFFIC,),
    "reversed": (Happening.REVERSED,),
    "routing rules restored": (Happening.RULES_RESTORED,),
    "retried": (Happening.RETRIED,),
    "a switch that broke off": (Happening.SWITCH_BROKE_OFF,),
    "error": (Happening.ERROR,),
    "switching, reversing or cutting over for more than 60 s": (Happening.MOVING_LONG,),
    "verified clean": (Happening.CLEAN,),
    "data differs": (Happening.DIFFERS,),
    "a verification that broke off or gave no report": (
        Happening.VERIFICATION_BROKE_OFF,
        Happening.NO_REPORT,
    ),
    "a verification started": (Happening.VERIFICATION_STARTED,),
    "copied": (Happening.COPIED,),
    "stopped": (Happening.STOPPED,),
    "a stream in error": (Happening.STREAM_ERROR,),
    "no progress for 45 min without a known cause": (Happening.STANDING,),
    "a verification that has not got on for 2 h": (Happening.VERIFICATION_STANDS,),
    "throttled for 4 h": (Happening.THROTTLED_LONG,),
    "the estimate has doubled": (Happening.SLOWER,),
    "PlanetScale does not know it any more": (Happening.GONE,),
    "throttled for 30 min": (Happening.THROTTLED,),
    "building indexes for 6 h": (Happening.INDEXING_LONG,),
    "a verification about to be stale, and stale": (Happening.STALE_SOON, Happening.STALE),
    "cut over and not completed for 7 days": (Happening.NOT_COMPLETED,),
    "throttling, no progress, a verification that did not get on, building indexes or a doubled "
    "estimate is over, where it was told": (Happening.GOING_ON,),
    "cancelling for 30 min": (Happening.CANCELLING_LONG,),
}
"""What the document calls each thing that can happen."""
TOLD_AS: Mapping[str, tuple[Loudness, tuple[str, ...], str | None] | None] = {
    "call": (CALL, ("U0ANA",), None),
    "call, and whom the policy names": (CALL, ("U0ANA", *NAMED), None),
    "reply": (POST, (), None),
    "short reply": (THREAD, (), None),
    "result": (THREAD, (), "op"),
    "card": None,
    "edit": None,
}
"""What the document's words mean: how loudly, who is called, and the operation whose card is linked."""


def a_watch(mention: str | None = "U0ANA") -> Watch:
    return Watch(id="w", ref=REF, places=("C1",), origin=Origin.ASKED, mention=mention, created_at=NOW)


def happened(what: Happening, after: int = 0) -> Happened:
    at = NOW + timedelta(seconds=after)
    return Happened(what=what, at=at, seen_at=at, workflow=a_workflow(streams=None))


def one(what: Happening, *, by_bot: bool = False, mention: str | None = "U0ANA") -> News | None:
    causes: dict[str, str] = {what: "op"} if by_bot else {}
    found = tell([happened(what)], a_watch(mention), causes, LOUDNESS, NAMED)
    return found[0] if found else None


def the_documents_table() -> list[list[str]]:
    """The rows of "Who is told what", without the heading: what, without the bot, through the bot."""
    section = DOCUMENT.read_text("utf-8").partition("## Who is told what")[2].partition("\n## ")[0]
    rows = [line.strip("| ").split(" | ") for line in section.splitlines() if line.startswith("| ")]
    return rows[1:]


def documented(what: Happening, *, by_bot: bool) -> str:
    """How the document says that it is told; what the bot cannot do is told as ever."""
    phrase = next(phrase for phrase, whats in PHRASES.items() if what in whats)
    without, through = next(row[1:] for row in the_documents_table() if phrase in row[0].split("; "))
    return through if by_bot and through != "–" else without


def test_the_document_leaves_nothing_out() -> None:
    """The table in docs/watching.md has all that can happen, each once, and nothing else."""
    phrases = [phrase for row in the_documents_table() for phrase in row[0].split("; ")]
    assert sorted(phrases) == sorted(PHRASES)
    assert sorted(what for whats in PHRASES.values() for what in whats) == sorted(Happening)


def test_the_document_knows_what_the_bot_can_do() -> None:
    """Where the table has nothing under "through the bot", no request of the bot can cause it."""
    for row in the_documents_table():
        whats = {what for phrase in row[0].split("; ") for what in PHRASES[phrase]}
        assert (row[2] == "–") is not (whats & {*CAUSED_BY, Happening.ERROR} != set()), row


@each_row("by_bot", [False, True], ids=["without the bot", "through the bot"])
@each_row("what", Happening)
def test_who_is_told_what(what: Happening, by_bot: bool) -> None:
    """Each event is told as loudly as docs/watching.md says, and calls whom it says."""
    news = one(what, by_bot=by_bot)
    told = news and (news.loudness, news.mentions, news.caused_by)
    assert told == TOLD_AS[documented(what, by_bot=by_bot)]


@each_row("what", Happening)
def test_what_somebody_did_is_told_as_such(what: Happening) -> None:
    """What the bot can be asked for is told as done outside the bot where the bot did not do it."""
    by_itself = {Happening.VERIFICATION_STARTED, Happening.MOVING_LONG, Happening.CANCELLING_LONG}
    alone, through_the_bot = one(what), one(what, by_bot=True)
    assert bool(alone and alone.outside) is (what in CAUSED_BY.keys() - by_itself)
    assert not (through_the_bot and through_the_bot.outside)


def test_nobody_is_called_for_what_was_found() -> None:
    """A workflow that nobody started through the bot calls nobody but the approvers whom the policy names."""
    copied, cut = one(Happening.COPIED, mention=None), one(Happening.CUT_OVER, mention=None)
    assert copied is not None
    assert cut is not None
    assert (copied.mentions, cut.mentions) == ((), NAMED)


@given(st.lists(st.sampled_from(list(Happening)), max_size=8), st.booleans())
def test_only_the_last_of_several_calls(whats: list[Happening], by_bot: bool) -> None:
    """Whatever one read shows: all of it is told in order, and at most one message calls people."""
    causes: dict[str, str] = {what: "op" for what in whats if by_bot and what in CAUSED_BY}
    news = tell([happened(what, n) for n, what in enumerate(whats)], a_watch(), causes, LOUDNESS, NAMED)
    assert sum(one.loudness is CALL for one in news) <= 1
    assert [one.happened.at for one in news] == sorted(one.happened.at for one in news)
    assert all(one.loudness is CALL or not one.mentions for one in news)


def test_the_last_call_reaches_everybody_who_was_called() -> None:
    """When an error follows a switch outside in one read, the approvers are called all the same."""
    found = (happened(Happening.PRIMARIES_SWITCHED), happened(Happening.ERROR, 1))
    switched, error = tell(found, a_watch(), {}, LOUDNESS, NAMED)
    assert (switched.loudness, switched.mentions) == (POST, ())
    assert (error.loudness, error.mentions) == (CALL, ("U0ANA", *NAMED))
