"""The create form as Slack takes it: every limit holds, whatever the names are."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.commands.model import OnDdl
from bot.demo.slack.blockkit import elements, find, view_problems
from bot.demo.slack.present import initial
from bot.planetscale.models import Keyspace, SchemaTable
from bot.slack.cards.forms.create_view import Offer, form_view
from bot.slack.cards.forms.draft import LONGEST_METADATA, Draft, FormOrigin
from bot.slack.cards.forms.elements import MOST_OPTIONS
from bot.slack.cards.forms.fields import draft_in
from bot.slack.cards.forms.offers import Tables, fitted, found_by, shared_ones, tables_of
from bot.slack.cards.forms.views import place_view, reading_view, stuck_view
from tests.commands.strategies import branches, databases, keyspaces, tables, workflow_names

COMMERCE = Keyspace(name="commerce", sharded=False, ready=True)
CUSTOMER = Keyspace(name="customer", sharded=True, ready=True)
LOOKUP = Keyspace(name="lookup", sharded=False, ready=True)
THREE = (COMMERCE, CUSTOMER, LOOKUP)

_strange = st.text(max_size=90)
_keyspaces = st.lists(
    st.builds(
        Keyspace,
        name=st.one_of(keyspaces, _strange),
        sharded=st.sampled_from([True, False, None]),
        ready=st.sampled_from([True, True, False, None]),
        resizing=st.sampled_from([False, False, True, None]),
    ),
    max_size=8,
    unique_by=lambda keyspace: keyspace.name,
).map(lambda found: (*found, COMMERCE, CUSTOMER))
_schemas = st.lists(st.one_of(_strange, tables.map("".join)), max_size=30).map(
    lambda names: tables_of(SchemaTable(name=name) for name in names)
)
_drafts = st.builds(
    Draft,
    name=st.one_of(workflow_names, _strange),
    source=st.sampled_from(["commerce", "customer", "", "nowhere"]),
    target=st.sampled_from(["commerce", "customer", "lookup", ""]),
    shared=st.sampled_from(["commerce", "lookup", ""]),
    tables=tables,
    every=st.sampled_from(["", "2-abc"]),
    defer=st.booleans(),
    on_ddl=st.sampled_from(OnDdl),
)
_origins = st.builds(
    FormOrigin,
    channel=st.just("C0DBMOVES"),
    reply_to=st.text(max_size=400),
    database=databases,
    branch=branches,
    draft=_drafts,
)


def block_ids(view: dict[str, Any]) -> list[str]:
    """The ids of the fields, from the top."""
    return [block["block_id"].partition(":")[0] for block in view["blocks"] if block["type"] == "input"]


def as_shown(view: dict[str, Any]) -> dict[str, Any]:
    """The view as a payload has it when nobody has touched it: what it was filled with is its state."""
    values: dict[str, Any] = {}
    for block in view["blocks"]:
        if block["type"] != "input":
            continue
        element, held = block["element"], initial(block["element"])
        options = [{"value": one} for one in held or ()] if isinstance(held, list | None) else []
        filled = {"value": held, "selected_option": {"value": held}, "selected_options": options}
        values[block["block_id"]] = {element["action_id"]: filled}
    return view | {"state": {"values": values}}


@given(_origins, st.one_of(_keyspaces, st.just(())), st.one_of(_schemas, st.none(), _strange))
def test_slack_takes_every_form(origin: FormOrigin, found: Any, offered: Any) -> None:
    """Whatever the names and however many, no text, list or hidden part is longer than Slack allows."""
    view = form_view(origin, Offer(found, offered))
    assert view_problems(view) == []
    assert len(view["private_metadata"]) <= LONGEST_METADATA


@given(_origins, _strange, _strange)
def test_slack_takes_the_form_before_its_fields(origin: FormOrigin, what: str, todo: str) -> None:
    """The same while it reads, asks for the place, or cannot go on."""
    for view in (reading_view(origin), place_view(origin), stuck_view(origin, what, todo)):
        assert view_problems(view) == []


@given(_origins, _keyspaces, _schemas)
def test_what_it_shows_is_what_it_holds(origin: FormOrigin, found: Any, offered: Tables) -> None:
    """A form that is sent back untouched says exactly what it was filled with, as far as that is offered."""
    view = form_view(origin, Offer(found, offered))
    shown = fitted(origin.draft, found, offered)
    name = shown.name if len(shown.name) <= 64 else ""
    back = draft_in(as_shown(view), Draft())
    has_tables = bool(shown.source and offered.names)
    expected = {"name": name.strip(), "tables": shown.tables if has_tables else ()}
    assert back == shown.model_copy(update=expected)


@given(_origins)
def test_a_form_remembers_where_it_was_asked_for(origin: FormOrigin) -> None:
    """Channel, database, branch and what was typed come back from the view."""
    assert FormOrigin.read(origin.metadata()) == origin


def test_too_much_to_remember() -> None:
    """What does not fit into a view's hidden part is left out of it; the place is always kept."""
    many = tuple(f"a_table_with_a_long_name_{number:04}" for number in range(400))
    draft = Draft(name="n", source="commerce", tables=many)
    origin = FormOrigin(channel="C1", reply_to="https://x", database="shop", branch="main", draft=draft)
    kept = FormOrigin.read(origin.metadata())
    assert kept
    assert (kept.database, kept.branch, kept.reply_to) == ("shop", "main", "https://x")
    assert (kept.draft.name, kept.draft.tables) == ("n", ())
    cut = FormOrigin.read(origin.model_copy(update={"reply_to": "x" * 4_000}).metadata())
    assert cut
    assert (cut.channel, cut.database, cut.branch) == ("C1", "shop", "main")


@given(st.one_of(st.text(), st.none(), st.binary(), st.just("[]"), st.just('{"channel": 3}')))
def test_a_strange_hidden_part(metadata: Any) -> None:
    """What this bot did not write is nothing."""
    try:
        honest = isinstance(json.loads(metadata).get("channel"), str)
    except (ValueError, TypeError, AttributeError):
        honest = False
    assert honest or FormOrigin.read(metadata) is None


@pytest.mark.parametrize("place", [("../x", "main"), ("shop", "../../x"), ("shop", "a b"), ("a?b", "")])
def test_a_place_that_is_none(place: tuple[str, str]) -> None:
    """A hidden part whose database or branch no name may be is not the bot's: nothing is asked about it."""
    odd = FormOrigin(channel="C1", database=place[0], branch=place[1])
    assert FormOrigin.read(odd.metadata()) is None


def test_fields_follow_each_other() -> None:
    """Without a source keyspace there are no tables to choose; with one there are these, or all at once."""
    origin = FormOrigin(channel="C1", database="shop", branch="main")
    bare = form_view(origin, Offer(THREE))
    assert block_ids(bare) == ["cf_name", "cf_source", "cf_target", "cf_defer", "cf_ddl", "cf_reason"]
    chosen = Draft(source="commerce", target="customer")
    full = form_view(origin.holding(chosen), Offer(THREE, Tables(("orders", "users"))))
    assert block_ids(full) == [
        "cf_name",
        "cf_source",
        "cf_every",
        "cf_tables",
        "cf_target",
        "cf_global",
        "cf_defer",
        "cf_ddl",
        "cf_reason",
    ]


def test_the_target_is_another_keyspace_that_is_ready() -> None:
    """Neither the source nor a keyspace that is being changed can be the target, and the latter is named."""
    resizing = Keyspace(name="archive", sharded=True, ready=True, resizing=True)
    origin = FormOrigin(channel="C1", database="shop", branch="main", draft=Draft(source="commerce"))
    view = form_view(origin, Offer((*THREE, resizing), Tables(("orders",))))
    _, target = find(view["blocks"], "cf_target")
    assert [option["value"] for option in target["options"]] == ["customer", "lookup"]
    block, _ = find(view["blocks"], "cf_source")
    assert block["hint"]["text"] == "Not ready now: archive."


def test_each_schema_change_action_says_what_it_means() -> None:
    """No sentence is cut: what does not fit into a choice's name is its description."""
    view = form_view(FormOrigin(channel="C1", database="shop", branch="main"), Offer(THREE))
    _, radio = find(view["blocks"], "cf_ddl")
    said = [(o["text"]["text"], o.get("description", {}).get("text")) for o in radio["options"]]
    assert said == [
        ("STOP: The workflow stops.", "You compare the schemas, then retry. (recommended)"),
        (
            "EXEC: It is run on the target too; the workflow stops if that fails.",
            "It may take long and slow the target.",
        ),
        (
            "EXEC_IGNORE: It is run on the target too, and a failure is ignored.",
            "The schemas may differ afterwards.",
        ),
        (
            "IGNORE: It is not run on the target.",
            "The schemas will differ; you make the change there yourself.",
        ),
    ]


def test_other_tables_are_another_tick() -> None:
    """A tick at "all tables" does not outlive the tables that it was about."""
    origin = FormOrigin(channel="C1", database="shop", branch="main", draft=Draft(source="commerce"))
    before, after = Tables(("orders", "users")), Tables(("orders", "invoices"))
    ids = [find(form_view(origin, Offer(THREE, one))["blocks"], "cf_every")[0] for one in (before, after)]
    assert ids[0]["block_id"] != ids[1]["block_id"]
    ticked = origin.holding(Draft(source="commerce", every=before.token))
    _, same = find(form_view(ticked, Offer(THREE, before))["blocks"], "cf_every")
    _, other = find(form_view(ticked, Offer(THREE, after))["blocks"], "cf_every")
    chosen = [one["initial_option"]["value"] for one in (same, other)]
    assert chosen == [before.token, "/"]


@given(
    _keyspaces, st.sampled_from(["commerce", "customer", ""]), st.sampled_from(["commerce", "customer", ""])
)
def test_a_global_keyspace_is_unsharded_and_not_the_target(found: Any, source: str, target: str) -> None:
    """It is offered only for a move from an unsharded to a sharded keyspace."""
    known = {keyspace.name: keyspace for keyspace in found}
    offered = shared_ones(found, source, target)
    assert all(known[name].sharded is False and name != target for name in offered)
    assert not offered or (known[source].sharded is False and known[target].sharded)


def test_more_keyspaces_than_a_list_takes() -> None:
    """They are sorted into groups, and any of them can be chosen."""
    many = tuple(Keyspace(name=f"ks{number:04}", sharded=False, ready=True) for number in range(250))
    origin = FormOrigin(channel="C1", database="shop", branch="main", draft=Draft(source="ks0249"))
    view = form_view(origin, Offer(many))
    assert view_problems(view) == []
    _, source = find(view["blocks"], "cf_source")
    assert sum(len(group["options"]) for group in source["option_groups"]) == 250
    assert source["initial_option"]["value"] == "ks0249"


def test_sequence_tables_and_names_that_cannot_be_sent() -> None:
    """Sequence tables are left out silently; tables whose names cannot be sent are counted on the form."""
    found = tables_of(SchemaTable(name=name) for name in ("users", "users_seq", "a/b", "x" * 65))
    assert (found.names, found.nameless) == (("users",), 2)
    origin = FormOrigin(channel="C1", database="shop", branch="main", draft=Draft(source="commerce"))
    block, tick = find(form_view(origin, Offer(THREE, found))["blocks"], "cf_every")
    assert tick["options"][1]["text"]["text"] == "The one table of commerce"
    assert block["hint"]["text"] == "Without 2 whose names this bot cannot send."


def test_too_many_tables_were_typed() -> None:
    """Where a select cannot hold what was typed, none of it is taken, and that is said."""
    many = tuple(f"t{number}" for number in range(MOST_OPTIONS + 1))
    draft = Draft(source="commerce", tables=many)
    origin = FormOrigin(channel="C1", database="shop", branch="main", draft=draft)
    view = form_view(origin, Offer(THREE, Tables(many)))
    _, chosen = find(view["blocks"], "cf_tables")
    assert "initial_options" not in chosen
    said = view["blocks"][1]["text"]["text"]
    assert said == "Cannot be chosen here, so left out: tables t0, t1 and 99 more."


@given(st.text(max_size=5), st.lists(_strange, max_size=200))
def test_a_search_finds_what_holds_the_letters(typed: str, every: list[str]) -> None:
    """At most a hundred names are found, and each holds what was typed, in upper or lower case."""
    found = found_by(typed, every)
    holding = [name for name in every if typed.strip().casefold() in name.casefold()]
    assert len(found) == min(len(holding), MOST_OPTIONS)
    assert all(typed.strip().casefold() in name.casefold() for name in found)


def test_what_begins_with_the_letters_comes_first() -> None:
    """The exact name is first, then those that begin with it, then those that hold it."""
    assert found_by("order", ["reorder", "order_items", "order"]) == ("order", "order_items", "reorder")


def test_no_text_of_a_form_is_markup() -> None:
    """Names with live signs stay plain text everywhere in the form."""
    live = Tables(("<!channel>", "*bold*", ":tada:"))
    draft = Draft(source="commerce", tables=live.names)
    origin = FormOrigin(channel="C1", database="shop", branch="main", draft=draft)
    view = form_view(origin, Offer(THREE, live))
    assert '"mrkdwn"' not in json.dumps(view)
    assert all("emoji" not in one or one["emoji"] is False for one in _texts(view))
    assert any(element["action_id"] == "cf_tables" for block in view["blocks"] for element in elements(block))


def _texts(value: Any) -> list[dict[str, Any]]:
    if isinstance(value, dict):
        own = [value] if value.get("type") == "plain_text" else []
        return own + [text for inner in value.values() for text in _texts(inner)]
    return [text for inner in value for text in _texts(inner)] if isinstance(value, list) else []
