"""News of a workflow, compared with what a person reads; and the note about an outage."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from bot.kinds.workflow.news_loudness import LOUDNESS
from bot.planetscale.models import Workflow
from bot.planetscale.refs import WorkflowRef
from bot.slack.cards.blocks.rich import MAX_NOTICE
from bot.slack.cards.watch.live_view import LiveView
from bot.slack.cards.watch.news import IN_CHANNEL, IN_THREAD, news_message
from bot.slack.cards.watch.news_words import CAUSED, OUTSIDE, TOLD
from bot.slack.cards.watch.outage import outage_card
from bot.watch.notifications.loudness import tell
from bot.watch.ports import Loudness, News, Outage
from bot.workflows.observing.happenings import Happening
from bot.workflows.own import happened_of
from tests.builders import NOW
from tests.rows import each_row
from tests.slack.cards.expecting import as_read, expected
from tests.slack.cards.live_scenes import a_view, ago
from tests.slack.cards.news_scenes import all_news
from tests.slack.cards.stories import (
    COPIED,
    COPYING,
    CUT_OVER,
    PRIMARIES_MOVED,
    REPLICAS_MOVED,
    RULES_BACK,
    elements,
    lines,
    now_in,
    texts,
)

SCENES = all_news()
LINK = "https://acme.slack.com/archives/C0DB/p1"
every_scene = each_row(("name", "news", "view"), SCENES, ids=[scene[0] for scene in SCENES])


@every_scene
def test_the_news(name: str, news: News, view: LiveView) -> None:
    """Each piece of news reads exactly as it is written down, with its buttons and its notification."""
    assert as_read(news_message(news, view, card_link=LINK)) == expected("news")[name]


def _as_told(news: News) -> tuple[str, Loudness, bool, bool]:
    return news.happened.what, news.loudness, news.outside, news.caused_by is not None


def test_nothing_is_written_down_in_vain() -> None:
    """Everything that can be told is written down, and all that is written down can be told."""
    assert set(expected("news")) == {name for name, _, _ in SCENES}
    watch = replace(a_view(None).watch, mention="U0ANA")
    usual, by_bot = happened_of(SCENES[0][1].happened), dict[str, str]()
    can_be_told = {
        _as_told(news)
        for what in Happening
        for causes in (by_bot, by_bot | {what: "op1"})
        for news in tell([replace(usual, what=what)], watch, causes, LOUDNESS)
    }
    assert {_as_told(news) for _, news, _ in SCENES} == can_be_told


def test_no_word_is_dead() -> None:
    """Words are kept for what can be told in that way, and for nothing else."""
    by_card = {news.happened.what for _, news, _ in SCENES if news.caused_by}
    outside = {news.happened.what for _, news, _ in SCENES if news.outside}
    by_itself = {news.happened.what for _, news, _ in SCENES if not (news.outside or news.caused_by)}
    assert set(CAUSED) == by_card
    assert set(OUTSIDE) <= outside
    assert set(TOLD) == by_itself | (outside - set(OUTSIDE))


@every_scene
def test_news_are_short(name: str, news: News, view: LiveView) -> None:
    """In a channel 3 lines and 300 characters, in a thread 2 and 200, mentions and a card's link aside."""
    bare = replace(news, mentions=())
    read = texts(news_message(bare, view))
    lines_, characters = (2, IN_THREAD) if news.loudness is Loudness.THREAD else (3, IN_CHANNEL)
    assert (len(read) <= lines_, sum(map(len, read)) <= characters) == (True, True), (name, read)


LONG = "customer_orders_archive_" * 4
ENDS = {
    "copied": COPIED,
    "replicas": REPLICAS_MOVED,
    "primaries": PRIMARIES_MOVED,
    "cut over": CUT_OVER,
    "rules back": RULES_BACK,
    "error": now_in(COPYING, "error"),
    "running": now_in(COPYING, "running"),
    "copying again": COPYING,
}


def _wide(workflow: Workflow) -> Workflow:
    keyspaces = {key: {"name": LONG} for key in ("source_keyspace", "target_keyspace", "branch")}
    tables = [{"name": f"{LONG}{number}"} for number in range(5)]
    return Workflow.model_validate(workflow.model_dump() | keyspaces | {"name": LONG, "tables": tables})


@every_scene
@each_row("end", ENDS)
@each_row("wide", [True, False])
def test_what_is_over_is_as_short(name: str, news: News, view: LiveView, end: str, wide: bool) -> None:
    """However it is over, however late it is told and however long the names are: no more than it may be, and
    the sentence that closes it is whole.
    """
    happened = happened_of(news.happened)
    seen, now = (_wide(one) if wide else one for one in (happened.workflow, ENDS[end]))
    subject = happened.subject and LONG
    then = replace(happened, workflow=seen, at=ago(4000), seen_at=ago(3000), since=ago(5000), subject=subject)
    since: dict[str, Any] = {"entered_at": ago(2000), "moved_at": ago(2000), "well_since": ago(2000)}
    after = a_view(now, **since)
    if wide:
        after = replace(after, watch=replace(after.watch, ref=WorkflowRef("acme", LONG, 3)))
    read = texts(news_message(replace(news, happened=then, mentions=()), after))
    lines_, characters = (2, IN_THREAD) if news.loudness is Loudness.THREAD else (3, IN_CHANNEL)
    assert (len(read) <= lines_, sum(map(len, read)) <= characters) == (True, True), (name, read)
    closing = [one for one in read if one.startswith("Over: ")]
    assert all(" since " in one or one.startswith("Over: verified clean") for one in closing), closing


@every_scene
def test_the_notification_stands_alone(name: str, news: News, view: LiveView) -> None:
    """A notification has at most 150 characters, names the workflow, and holds no sign."""
    text = news_message(news, view, card_link=LINK).text
    assert len(text) <= MAX_NOTICE
    assert "shop #3" in text
    assert not set(text) & set("⛔⚠❓✅↩·▓")


def _mentioned(news: News, view: LiveView, called_later: tuple[str, ...] = ()) -> list[str]:
    parts = news_message(news, view, called_later=called_later).blocks[0]["elements"][0]["elements"]
    return [
        one.get("user_id") or one["usergroup_id"] for one in parts if one["type"] in {"user", "usergroup"}
    ]


@every_scene
def test_only_calls_mention(name: str, news: News, view: LiveView) -> None:
    """Nobody is mentioned but by a call, and not even then if a newer one on its way calls them."""
    loud = replace(news, mentions=("U0ANA", "S0DBAS"))
    calls = news.loudness is Loudness.CALL
    assert _mentioned(loud, view) == (["U0ANA", "S0DBAS"] if calls else [])
    assert _mentioned(loud, view, ("U0ANA",)) == (["S0DBAS"] if calls else [])


@every_scene
def test_buttons_fit_the_state_now(name: str, news: News, view: LiveView) -> None:
    """However late it is told, what may be pressed is what the state allows now."""
    ended = replace(view, watch=a_view(CUT_OVER).watch)
    labels = {one["text"]["text"] for one in elements(news_message(news, ended))}
    assert labels <= {"Restore routing rules", "Complete"}


def test_what_is_late_says_so() -> None:
    """After more than ten minutes it is said when it happened, and not before."""
    _, news, view = next(scene for scene in SCENES if scene[0] == "standing")
    for minutes, late in ((10, False), (10.1, True)):
        happened = replace(happened_of(news.happened), at=ago(minutes), seen_at=ago(minutes))
        assert ("told late" in news_message(replace(news, happened=happened), view).plain) is late


def an_outage(**differs: object) -> Outage:
    usual = {
        "id": "o1",
        "organization": "acme",
        "place": "C0DB",
        "workflows": 4,
        "since": ago(12),
        "told_at": ago(7),
    }
    return Outage(**usual | differs)  # type: ignore[arg-type]


def test_an_outage_is_told() -> None:
    """PlanetScale is silent: since when, and how many workflows are shown as they were."""
    assert as_read(outage_card(an_outage(), NOW)) == [
        "PlanetScale could not be read since 02:02. 4 workflows are shown as they were.",
        "Organization acme. Writes: as each live message says, then.",
        "(text) PlanetScale could not be read since 02:02 UTC. 4 workflows are shown as they were.",
    ]


def test_an_outage_calls_who_waits_for_an_outcome() -> None:
    """While the outcome of a request is open, those who asked are called."""
    message = outage_card(
        an_outage(mentions=("U0ANA", "S0DBAS"), open_on=("shop #3", "store #1"), workflows=1), NOW
    )
    assert lines(message) == [
        "PlanetScale could not be read since 02:02. 1 workflow is shown as it was.",
        "Organization acme. Writes: as each live message says, then.",
        "The outcome of the request on shop #3 and store #1 is not known. Check the application: @Ana @dbas",
    ]


def test_the_end_of_an_outage_is_an_edit() -> None:
    """The note says since when PlanetScale is back."""
    back = an_outage(back_at=ago(1), since=NOW - timedelta(days=1), mentions=("U0ANA",))
    assert as_read(outage_card(back, NOW)) == [
        "Back since 02:13: PlanetScale (acme) can be read again.",
        "It could not be read since yesterday 02:14.",
        "(text) Back since 02:13 UTC: PlanetScale (acme) can be read again.",
    ]
