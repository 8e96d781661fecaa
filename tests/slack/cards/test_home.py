"""The App Home: what stands there, in which order, and that it always fits."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from bot.demo.slack import reading
from bot.demo.slack.blockkit import text_length, view_problems
from bot.demo.slack.model import Person
from bot.demo.slack.present import Presenter
from bot.demo.slack.words import Words
from bot.operations.model import State, Story
from bot.planetscale.calls import WorkflowCall
from bot.planetscale.models import Workflow
from bot.planetscale.refs import WorkflowRef
from bot.slack.cards.answers.brief_answers import not_a_member_card
from bot.slack.cards.answers.home_page import (
    REFRESH,
    RUNNING_SHOWN,
    HomePage,
    HomeRead,
    HomeView,
    Shown,
    home_view,
    told_view,
)
from bot.watch.model import Origin, Watch
from bot.workflows.attention import Attention, Need
from bot.workflows.entries import Entry, watched_entry
from bot.workflows.observing.observed_state import ObservedState
from bot.workflows.own import observed_of, ref_of
from tests.builders import NOW, copying
from tests.slack.cards.stories import (
    COPIED,
    COPYING,
    NAMES,
    PRIMARIES_MOVED,
    a_story,
    an_operation,
    approved,
    at,
    denied,
    now_in,
    read_back,
)

W = WorkflowCall
VIEW_TEXT = 13_000
"""Characters in all blocks together, as far as Slack is known to take them."""


def a_page(**differs: Any) -> HomePage:
    """Somebody's Home at 02:30 with nothing in it."""
    usual: dict[str, Any] = {
        "waits": [],
        "asked": [],
        "running": [],
        "hidden": {},
        "default": "acme",
        "recent": [],
        "links": {},
        "now": at(30),
    }
    page = usual | differs
    page["running"] = [one if isinstance(one, Shown) else shown(one, page["now"]) for one in page["running"]]
    return HomePage(**page)


def shown(watch: Watch, now: datetime = NOW) -> Shown:
    """A watched workflow, as a Home knows it."""
    key = (watch.ref.organization, watch.ref.database, ref_of(watch.ref).number)
    seen = observed_of(watch.observed)
    entry = watched_entry(*key[:2], seen, None) if seen else None
    return Shown(key, watch, entry, entry.attention(now) if entry else None)


def a_story_of(id_: str, call: W, state: State, seen: Workflow = COPIED, **differs: Any) -> Story:
    decisions = differs.pop("decisions", ())
    names = {"names": NAMES}
    return a_story(an_operation(call, seen, state, id=id_, **names | differs), *decisions)


def a_watch(
    workflow: Workflow | None = None, *, id_: str = "w1", database: str = "shop", **more: Any
) -> Watch:
    seen = workflow and ObservedState(workflow=workflow, read_at=NOW, detail_at=NOW, entered_at=NOW)
    ref = WorkflowRef("acme", database, workflow.number if workflow else 3)
    usual: dict[str, Any] = {"places": ("C0DB",), "origin": Origin.FOUND, "created_at": NOW, "observed": seen}
    return Watch(id=id_, ref=ref, **usual | more)


def address(place: str) -> str:
    return f"https://acme.slack.com/archives/C0DB/{place}"


def _presenter() -> Presenter:
    people = {user: Person(id=user, name=name) for user, name in NAMES.items()}
    return Presenter(Words(people, {}, {"S0DBAS": ("dbas", [])}, NOW))


def lines(view: HomeView) -> list[str]:
    """What a person reads, in UTC."""
    assert view_problems(view.payload()) == []
    return list(reading.lines(_presenter().blocks(view.blocks)))


def test_a_home_with_nothing_in_it() -> None:
    """An empty Home says in each part what will stand there and what to do next."""
    assert lines(home_view(a_page())) == [
        "Waits for you",
        "Nothing waits for you. What needs a second person stands here, with a link to its card.",
        "You asked for",
        "Nothing in the last day. What you can ask for: /workflow help",
        "Active workflows",
        "None is watched. What somebody asks for here is watched by itself; others:",
        "/workflow list <database>, then /workflow watch <database> <number>",
        "Lately",
        "Nothing yet. All requests on a database: /workflow history <database>",
        "—",
        "As of 02:30 · all commands: /workflow help",
        "[Refresh]",
    ]


def test_a_full_home() -> None:
    """What waits for me comes first, then what I asked for, what runs with its bar, then what ended."""
    cutover = a_story_of("op1", W.CUTOVER, State.WAITING, PRIMARIES_MOVED, requester="U0DEV")
    stuck = a_story_of(
        "op2", W.SWITCH_REPLICAS, State.NEEDS_PERSON, decisions=[approved()], outcome=read_back(COPIED)
    )
    mine = a_story_of("op3", W.SWITCH_REPLICAS, State.WAITING, requester="U0BEN")
    told = denied("Not during the sale.")
    ended = a_story_of("op4", W.SWITCH_PRIMARIES, State.DENIED, decisions=[told], ended_at=at(19))
    page = a_page(
        waits=[cutover, stuck],
        asked=[mine],
        running=[a_watch(COPYING, id_="w1"), a_watch(PRIMARIES_MOVED, id_="w2")],
        hidden={("acme", "shop"): 34},
        recent=[ended],
        links={"op1": address("p1"), "op3": address("p3"), "op4": address("p4"), "w1": address("p9")},
    )
    view = home_view(page)
    assert lines(view) == [
        "Waits for you · 2",
        "Cut over · shop #3 orders-to-customer",
        "Waiting for 1 approval · expires 02:44 · asked by Dev · open",
        "Switch replica reads · shop #3 orders-to-customer",
        "Outcome not known · a person has to say it · asked by Ana · its card is not in Slack yet",
        "You asked for · 1",
        "Switch replica reads · shop #3 orders-to-customer",
        "Waiting for 1 approval · expires 02:44 · open",
        "Active workflows · 36",
        "Copying · about 40 % · shop #3 orders-to-customer",
        "Writes: commerce · open",
        "▓▓▓▓▓▓▓▓░░░░░░░░░░░░  about 412 M of 1.01 B rows",
        "Writes switched · shop #3 orders-to-customer",
        "Writes: customer",
        "and 34 more in shop: /workflow list shop",
        "Lately",
        "Switch primaries · shop #3 orders-to-customer · today 02:19",
        "Denied by @Ben at 02:19 · nothing was sent · asked by Ana · open",
        "—",
        "As of 02:30 · all commands: /workflow help",
        "[Refresh]",
    ]
    links = [address("p1"), address("p3"), address("p9"), address("p4")]
    assert _values(view.blocks, "url") == links


def test_nothing_is_decided_on_a_home() -> None:
    """An approval is given on its card, where all is said: a Home has links, and a button to read again."""
    waits = [a_story_of("op1", W.CUTOVER, State.WAITING, PRIMARIES_MOVED)]
    view = home_view(a_page(waits=waits, asked=waits, recent=waits, running=[a_watch(COPYING)]))
    assert {block["type"] for block in view.blocks} <= {"header", "rich_text", "divider", "actions"}
    assert _values(view.blocks, "action_id") == [REFRESH]


def _values(value: object, key: str) -> list[Any]:
    """All that stands under `key`, however deep."""
    if isinstance(value, dict):
        own = [value[key]] if key in value else []
        return own + [found for inner in value.values() for found in _values(inner, key)]
    if isinstance(value, list | tuple):
        return [found for inner in value for found in _values(inner, key)]
    return []


def test_trouble_has_a_sign() -> None:
    """What needs somebody has a coloured sign; a workflow that nobody watches stands there too."""
    listed = Entry(
        organization="acme",
        database="crm",
        workflow=now_in(COPIED, "error"),
        read_at=NOW,
        in_detail=False,
    )
    page = a_page(running=[Shown(("acme", "crm", 3), None, listed, Attention(Need.BROKEN)), a_watch(COPYING)])
    told = lines(home_view(page))
    assert told[told.index("Active workflows · 2") + 1].startswith("🔴 Error")
    assert " · crm #3 orders-to-customer" in told[told.index("Active workflows · 2") + 1]


def test_what_was_read_and_what_was_not() -> None:
    """A Home says as of when the databases were read, and names those that were not."""
    being = lines(home_view(a_page(reads=[HomeRead("acme")])))
    assert "These are the watched ones; all databases are being read …" in being
    read = HomeRead("acme", 4, at(25), {"crm": "PlanetScale has trouble of its own."}, ("a", "b"), known=True)
    told = lines(home_view(a_page(reads=[read])))
    assert "4 databases read, as of today 02:25" in told
    assert "Not read: crm. PlanetScale has trouble of its own." in told
    assert any(line.startswith("Not read, for lack of time: 2 databases (a and b).") for line in told)
    elsewhere = replace(read, organization="acme-eu")
    assert any("--org=acme-eu" in line for line in lines(home_view(a_page(reads=[elsewhere]))))


def test_where_planetscale_does_not_answer() -> None:
    """What is only the last known says so, with its time; what was never read says that."""
    silent = a_watch(COPYING, silent_since=at(9))
    view = home_view(a_page(running=[silent, a_watch(id_="w2")]))
    assert "Writes: commerce · ❓ last known, read today 02:14" in lines(view)
    assert "First reading … · shop #3" in lines(view)
    assert "Writes: not read yet" in lines(view)


def test_while_writes_are_moved() -> None:
    """Where nobody can be certain who serves writes, no keyspace is named."""
    moving = home_view(a_page(running=[a_watch(now_in(COPIED, "switching_primaries"))]))
    assert "❓ Writes: not certain" in lines(moving)


def test_one_who_may_see_nothing() -> None:
    """Whoever is no full member reads one sentence, and not a single name."""
    assert lines(told_view(not_a_member_card())) == [not_a_member_card().plain]


def test_many_databases_are_summed_up() -> None:
    """What is not shown is counted, with the command that shows it, for the largest databases."""
    counts = {"shop": 400, "crm": 30, "erp": 30, "wiki": 2, "blog": 1}
    hidden = Counter({("acme", database): number for database, number in counts.items()})
    assert lines(home_view(a_page(hidden=hidden)))[5:9] == [
        "and 400 more in shop: /workflow list shop",
        "and 30 more in crm: /workflow list crm",
        "and 30 more in erp: /workflow list erp",
        "and 3 more in 2 other databases: /workflow list",
    ]


def test_what_is_cut_off_is_counted() -> None:
    """Of very many requests the first are shown, and the command for the rest stands below."""
    many = [a_story_of(f"op{number}", W.SWITCH_REPLICAS, State.WAITING) for number in range(40)]
    shown = lines(home_view(a_page(waits=many, asked=many, recent=many)))
    assert "and 30 more: /workflow approvals" in shown
    assert "and 35 more: /workflow history shop" in shown
    assert "Older ones: /workflow history shop" in shown


def test_a_mixed_rest_names_no_database() -> None:
    """What is not shown is looked up in one database only where all of it is there."""
    many = [
        a_story_of(f"op{number}", W.SWITCH_REPLICAS, State.DENIED, database=f"db{number % 2}")
        for number in range(10)
    ]
    shown = lines(home_view(a_page(asked=many, recent=many)))
    assert "and 5 more" in shown
    assert "Older ones: /workflow history <database>" in shown


def test_what_ended_may_stand_above() -> None:
    """Where everything that ended is one's own, the last part does not say that nothing was done."""
    mine = a_story_of("op1", W.VERIFY_DATA, State.SUCCEEDED)
    shown = lines(home_view(a_page(asked=[mine])))
    assert "Nothing else yet. All requests on a database: /workflow history <database>" in shown


def test_only_numbers_that_move() -> None:
    """A copy that goes on changes the content of a Home, not its essence; a new state changes both."""

    def view(workflow: Workflow, minutes: float = 30) -> HomeView:
        return home_view(a_page(running=[a_watch(workflow)], now=at(minutes)))

    tables = [{"name": "orders", "rows_copied": 420_000_000, "rows_total": 620_000_000}]
    before, later = view(copying(tables[0])), view(copying(tables[0] | {"rows_copied": 500_000_000}))
    assert before.essence == later.essence
    assert before.content != later.content
    verifying = view(now_in(COPIED, "verifying_data"))
    assert verifying.essence != later.essence


def test_time_alone_changes_nothing() -> None:
    """A Home in which nothing happens is not drawn again only because a minute has passed."""
    page = a_page(
        waits=[a_story_of("op1", W.CUTOVER, State.WAITING, PRIMARIES_MOVED)], running=[a_watch(COPYING)]
    )
    later = replace(page, now=page.now + timedelta(minutes=5))
    assert home_view(page).content == home_view(later).content
    assert home_view(page).blocks != home_view(later).blocks


def test_a_link_that_comes_later() -> None:
    """Once the card is in Slack, its link belongs to what must be shown."""
    page = a_page(waits=[a_story_of("op1", W.CUTOVER, State.WAITING, PRIMARIES_MOVED)])
    linked = replace(page, links={"op1": address("p1")})
    assert home_view(page).essence != home_view(linked).essence


ODD = st.text(min_size=1, max_size=300) | st.sampled_from(
    [
        "<!channel>",
        "*bold* `code`",
        "a\nb\rc",
        "\u202egnp.exe",
        "🦆" * 200,
        "<https://evil.example|ok>",
        "&amp;",
    ]
)


@given(name=ODD, database=ODD, states=st.lists(st.sampled_from(State), min_size=40, max_size=40))
def test_any_names_fit_and_stay_dead(name: str, database: str, states: Sequence[State]) -> None:
    """A full Home with the oddest names is one that Slack takes, and nothing in it is markup."""
    seen = COPIED.model_copy(update={"name": name})
    copied = COPYING.model_copy(update={"name": name})
    stories = [
        a_story_of(
            f"op{number}",
            W.SWITCH_PRIMARIES,
            state,
            seen,
            database=database,
            workflow_name=name,
            names={"U0ANA": name},
            ended_at=at(20),
            sent_at=at(19),
        )
        for number, state in enumerate(states)
    ]
    watches = [
        a_watch(copied, id_=f"w{number}", database=database, silent_since=at(1))
        for number in range(RUNNING_SHOWN)
    ]
    links = {one.operation.id: address("p1700000000000000") for one in stories}
    view = home_view(
        a_page(
            waits=stories,
            asked=stories,
            recent=stories,
            running=watches,
            hidden={("acme", database): 992},
            links=links,
        )
    )
    assert view_problems(view.payload()) == []
    assert len(view.blocks) <= 100
    assert text_length(view.blocks) <= VIEW_TEXT
    assert "mrkdwn" not in _values(view.blocks, "type")
    assert set(_values(view.blocks, "user_id")) <= set(NAMES)
    assert set(_values(view.blocks, "url")) == set(links.values())
