"""What may be submitted: the same as what may be typed."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.commands.lines import chat_line
from bot.commands.model import CreateWorkflow, OnDdl
from bot.commands.parser import parse
from bot.slack.cards.blocks.rich import escape
from bot.slack.cards.forms.draft import Draft, FormOrigin, command_of, draft_of
from bot.slack.cards.forms.fields import Field, block_for, draft_in
from bot.slack.cards.forms.rules import LONGEST_ERROR, about_the_place, at_fields, check
from bot.subjects.findings import block
from tests.commands.strategies import branches, databases, keyspaces, tables, workflow_names

GOOD = Draft(name="a-to-b", source="commerce", target="customer", tables=("orders",))

_names = st.one_of(workflow_names, st.text(max_size=70))
_keyspaces = st.one_of(keyspaces, st.sampled_from(["commerce", "customer"]))
_places = st.one_of(_keyspaces, st.text(max_size=70))
_drafts = st.builds(
    Draft,
    name=_names,
    source=_places,
    target=_places,
    shared=st.one_of(st.just(""), _places),
    tables=st.one_of(tables, st.sampled_from([("a/b",), ("",), (" x",), ("`",), (".",), ("x" * 65,)])),
    defer=st.booleans(),
    on_ddl=st.sampled_from(OnDdl),
)
_commands = st.builds(
    CreateWorkflow,
    database=databases,
    branch=branches,
    name=workflow_names,
    source_keyspace=_keyspaces,
    target_keyspace=_keyspaces,
    global_keyspace=st.one_of(st.none(), _keyspaces),
    tables=tables,
    defer_secondary_keys=st.booleans(),
    on_ddl=st.sampled_from(OnDdl),
)
_json = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=8)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
)


def as_slack_sends(line: str) -> str:
    """The text of a slash command that was typed like this."""
    return escape(line.removeprefix("/workflow "))


@given(databases, branches, _drafts)
def test_the_form_takes_what_the_command_takes(database: str, branch: str, draft: Draft) -> None:
    """Whatever the form lets through could have been typed with flags, and means the same."""
    command = command_of(FormOrigin(channel="C1", database=database, branch=branch), draft)
    if not check(draft):
        assert parse(as_slack_sends(chat_line(command))) == command


@given(_commands)
def test_the_command_takes_what_the_form_takes(command: CreateWorkflow) -> None:
    """Whatever can be typed with flags can be submitted in the form, and the other way round."""
    parsed = parse(as_slack_sends(chat_line(command)))
    assert (parsed == command) == (not check(draft_of(command)))


@given(_drafts)
def test_an_error_fits_under_its_field(draft: Draft) -> None:
    """Every sentence is there and short, whatever was typed."""
    assert all(0 < len(said) <= LONGEST_ERROR for said in check(draft).values())


@pytest.mark.parametrize(
    ("changes", "errors"),
    [
        ({}, {}),
        ({"name": ""}, {Field.NAME: "The workflow needs a name."}),
        ({"source": ""}, {Field.SOURCE: "Choose the keyspace that has the tables now."}),
        ({"target": ""}, {Field.TARGET: "Choose the keyspace that the tables move to."}),
        ({"target": "commerce"}, {Field.TARGET: "Source and target are the same keyspace."}),
        ({"shared": "customer"}, {Field.SHARED: "Global keyspace and target are the same keyspace."}),
        ({"tables": ()}, {Field.TABLES: "Choose at least one table, or all of them."}),
        ({"tables": (), "every": "2-abc"}, {}),
        ({"every": "2-abc", "tables": ("a/b",)}, {}),
        ({"reason": "the sale is over"}, {}),
        ({"reason": "…"}, {Field.REASON: "The reason is empty: say in a few words why."}),
        (
            {"reason": "x" * 301},
            {Field.REASON: "The reason has 301 characters; at most 300 are kept."},
        ),
        (
            {"tables": ("a/b",)},
            {
                Field.TABLES: "“a/b” is not a table name: at most 64 visible characters, without /, \\ and "
                "backticks."
            },
        ),
    ],
)
def test_what_is_said_at_which_field(changes: dict[str, Any], errors: dict[Field, str]) -> None:
    """Each thing that is missing or wrong is said where it can be mended."""
    assert check(GOOD.model_copy(update=changes)) == errors


def test_a_reason_that_the_policy_wants() -> None:
    """Where the policy asks why, a form without it is told so at its field."""
    assert check(GOOD, asks_why=True) == {Field.REASON: "The reason is empty: say in a few words why."}
    assert check(GOOD.model_copy(update={"reason": "a new shop"}), asks_why=True) == {}


def test_checks_are_shown_at_their_fields() -> None:
    """A block of the checks stands at the field that names what it is about; no other is at a field."""
    draft = GOOD.model_copy(update={"shared": "lookup"})
    blocks = [
        block("busy", "main has workflow #3 already (running). One at a time: complete it first."),
        block("no-branch", "There is no branch `main` in shop."),
        block("no-keyspace", "There is no keyspace `customer` in main. Did you mean `commerce`?", "customer"),
        block("not-ready", "lookup is not ready.", "lookup"),
        block("no-table", "There is no table `orders` in commerce."),
        block("no-table", "There is no table `x` in commerce."),
        block("twin", "Ana asked for the same at 02:14 UTC."),
    ]
    assert about_the_place(blocks) == (
        "main has workflow #3 already (running). One at a time: complete it first.",
        "There is no branch “main” in shop.",
    )
    assert at_fields(blocks, draft) == {
        Field.TARGET: "There is no keyspace “customer” in main. Did you mean “commerce”?",
        Field.SHARED: "lookup is not ready.",
        Field.TABLES: "There is no table “orders” in commerce. There is no table “x” in commerce.",
    }


@given(_json, _json, _json)
def test_a_mangled_view_is_read_without_a_word(blocks: Any, state: Any, values: Any) -> None:
    """Whatever a view holds, it is a draft that the rules can judge, and an error finds a place in it."""
    for view in ({"blocks": blocks, "state": state}, {"blocks": blocks, "state": {"values": values}}):
        draft = draft_in(view, Draft())
        assert check(draft)
        assert block_for(view, Field.TABLES)


def test_an_error_is_shown_at_a_block_that_is_there() -> None:
    """Slack refuses an error about a block that the view has not: the nearest one takes it."""
    view = {"blocks": [{"type": "input", "block_id": "cf_source"}, {"type": "input", "block_id": "cf_ddl"}]}
    assert block_for(view, Field.TABLES, Field.SOURCE) == "cf_source"
    assert block_for(view, Field.SHARED) == "cf_source"
