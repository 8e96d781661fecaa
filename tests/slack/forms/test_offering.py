"""A `create` that says too little or is wrong: what is answered, and what the button carries."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.commands.model import CreateWorkflow, Mistake, OnDdl
from bot.commands.parser import parse
from bot.slack.cards.blocks.controls import BUTTON_VALUE
from bot.slack.cards.blocks.rich import Message
from bot.slack.cards.forms.draft import draft_of
from bot.slack.cards.forms.offering import (
    database_in,
    draft_typed,
    is_bare,
    offer_card,
    organization_in,
    typed_in,
)
from tests.commands.strategies import branches, databases, organizations


def button(message: Message) -> str | None:
    """What [Open the form] carries, if it is there."""
    last = message.blocks[-1]
    return str(last["elements"][0]["value"]) if last["type"] == "actions" else None


def test_the_offer_of_a_form() -> None:
    """What is missing is named, and the button carries what was typed."""
    typed = "create shop main --name x"
    mistake = parse(typed)
    assert isinstance(mistake, Mistake)
    message = offer_card(mistake, typed)
    assert message.plain.startswith("--source-keyspace, --target-keyspace and --tables are missing. Nothing")
    assert button(message) == typed


@given(st.text(max_size=2 * BUTTON_VALUE))
def test_a_button_takes_any_line(typed: str) -> None:
    """However long or strange the line was, the button can be posted, and never carries half a line."""
    value = button(offer_card(Mistake("Wrong."), typed))
    assert value in {typed, None} or len(typed) > BUTTON_VALUE or not typed
    assert value is None or 0 < len(value) <= BUTTON_VALUE


@given(databases, branches, organizations)
def test_a_long_line_keeps_its_place(database: str, branch: str, organization: str) -> None:
    """The button of a line that is too long for it leads to the same branch in the same organization; what
    says the same in fewer letters is kept.
    """
    typed = f"create {database} {branch} --org {organization} --tables "
    value = button(offer_card(Mistake("Wrong."), typed + "t," * 1_000))
    assert value == f"create {database} {branch} --tables=t --org={organization}"
    many = ",".join(f"table_{number}" for number in range(400))
    value = button(offer_card(Mistake("Wrong."), typed + many))
    assert value == f"create {database} {branch} --org={organization}"


def test_a_long_line_without_a_place() -> None:
    """What is no database is left out, and so is the branch after it."""
    for before, value in (
        ("create ", "create"),
        ("create a/b main ", "create"),
        ("create shop A/b ", "create shop"),
    ):
        assert button(offer_card(Mistake("Wrong."), f"{before}--tables {'t,' * 1_000}")) == value


@given(
    st.sampled_from(["create", "create shop", "create shop main", "create shop main --name x"]),
    st.sampled_from(["--org ", "--org=", "-org ", "–org ", "--ogr ", "--orgs=", "--organization ", "--Org="]),
    st.one_of(organizations, st.text(max_size=12)),
)
def test_no_button_leads_to_an_organization_that_was_not_meant(said: str, flag: str, name: str) -> None:
    """However `--org` was written: there is a button, or a form at once, only if it names an organization."""
    typed = f"{said} {flag}{name}"
    if button(offer_card(Mistake("Wrong."), typed)) or is_bare(typed):
        assert organization_in(typed)
        assert organization_in(typed) == organization_in(f"{said} --org={name}")


def test_what_a_line_says_already() -> None:
    """A line without some flags still says what it says; one without a place says of no workflow."""
    known = typed_in("create shop main --name x --tables a,b --on-ddl=exec")
    wanted = CreateWorkflow(database="shop", branch="main", name="x", tables=("a", "b"), on_ddl=OnDdl.EXEC)
    assert known
    assert replace(known, notes=()) == wanted
    for odd in ("show shop 3", "", 'create "'):
        assert typed_in(odd) is None


@pytest.mark.parametrize(
    "typed",
    [
        "create shop main --nonsense --name x --tables a --tables b,a",
        "create shop main --name x --on-ddl never --tables a,b",
        "create shop main --name x --source-keyspace a/b --tables a,b",
        "create shop main --name x --tables a,b --force",
        "create shop main --name x --tables a,b --target-keyspace",
    ],
)
def test_one_wrong_flag_leaves_the_others(typed: str) -> None:
    """What the other flags of a line say is in the form; the one that is wrong is named."""
    wanted = CreateWorkflow(database="shop", branch="main", name="x", tables=("a", "b"))
    assert typed_in(typed) == wanted
    for place in ("create shop ", "create "):
        elsewhere = typed.replace("create shop main ", place)
        assert draft_typed(elsewhere) == draft_of(wanted)


@pytest.mark.parametrize(
    ("typed", "bare", "database"),
    [
        ("create", True, None),
        (" Create  -i", True, None),
        ("create --interactive shop", True, "shop"),
        ("create shop", True, "shop"),
        ("create shop --org acme-eu", True, "shop"),
        ("create shop main", False, None),
        ("create --name x", False, None),
        ("create Shop/1", False, None),
        ("show", False, None),
        ("", False, None),
    ],
)
def test_a_line_that_leaves_everything_to_the_form(typed: str, bare: bool, database: str | None) -> None:
    """`create` alone, or with a database only, asks for the form; a line that says more does not."""
    assert (is_bare(typed), database_in(typed)) == (bare, database)
