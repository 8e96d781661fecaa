"""What PlanetScale's names may be."""

import pytest

from bot.commands.model import CreateWorkflow, Mistake
from bot.commands.names import LARGEST_NUMBER, Thing, fits, number, repaired, taken_apart
from bot.commands.parser import parse
from tests.rows import each_row

NAMED = [thing for thing in Thing if thing not in {Thing.NUMBER, Thing.SUB_COMMAND}]
WORDS = [thing for thing in NAMED if thing is not Thing.TABLE]
LOWER = [Thing.DATABASE, Thing.BRANCH]


@each_row("thing", NAMED)
@each_row("name", ["shop", "a", "0", "my-shop_2", "2024-move"])
def test_ordinary_names_fit(thing: Thing, name: str) -> None:
    """Lower-case letters, digits, hyphens and underscores fit everywhere."""
    assert fits(thing, name)


@each_row("thing", NAMED)
@each_row("name", ["", ".", "..", "a/b", "../x", "a\\b", "a`b", "a\x00", "a\n", "a\u202eb", " a", "a "])
def test_nothing_that_could_be_a_path_or_is_invisible_fits(thing: Thing, name: str) -> None:
    """No name is empty, a path, or holds what nobody can see."""
    assert not fits(thing, name)


@each_row("thing", WORDS)
@each_row("name", ["a.b", "a b", "a%2fb", "a?b", "a#b", "a&b", "-a", "größe", "a\u00a0b", "ａ"])
def test_what_means_something_in_a_url_fits_only_a_table(thing: Thing, name: str) -> None:
    """All names but tables are safe in a URL as they are."""
    assert not fits(thing, name)


@pytest.mark.parametrize("thing", LOWER)
def test_databases_and_branches_are_lower_case(thing: Thing) -> None:
    """Upper case fits no database and no branch; the lower-case name is proposed."""
    assert not fits(thing, "Shop")
    assert repaired(thing, "Shop") == "shop"
    assert not fits(thing, "_shop")


@pytest.mark.parametrize(
    "name", ["order-items", "größe", "$x", "two words", "a.b", "O'Brien", 'say "so"', "a,b", "表", "x" * 64]
)
def test_mysql_table_names_fit(name: str) -> None:
    """A table may have any name that MySQL can quote and a person can see."""
    assert fits(Thing.TABLE, name)


@pytest.mark.parametrize("name", ["x" * 65, "😀", "tab\there", "\u200b"])
def test_table_names_that_mysql_refuses(name: str) -> None:
    """Tables have at most 64 characters, none of them a control character or beyond MySQL's range."""
    assert not fits(Thing.TABLE, name)


@pytest.mark.parametrize(
    ("thing", "longest"),
    [
        (Thing.DATABASE, 128),
        (Thing.BRANCH, 128),
        (Thing.ORGANIZATION, 128),
        (Thing.KEYSPACE, 64),
        (Thing.WORKFLOW, 64),
        (Thing.TABLE, 64),
    ],
)
def test_lengths_are_bounded(thing: Thing, longest: int) -> None:
    """Every name has a greatest length."""
    assert fits(thing, "x" * longest)
    assert not fits(thing, "x" * (longest + 1))


def test_unclear_names_are_not_repaired() -> None:
    """Only case and dashes are repaired; nothing is guessed."""
    assert repaired(Thing.DATABASE, "a.b") is None
    assert repaired(Thing.DATABASE, "shop") is None
    assert repaired(Thing.KEYSPACE, "a—b") == "a-b"


def test_numbers() -> None:
    """A number is written as in a sentence, in plain or full-width digits; the largest is of 64 bits."""
    assert number("3") == number("#3") == number("0003") == 3
    assert number(str(LARGEST_NUMBER)) == LARGEST_NUMBER == 9_223_372_036_854_775_807
    for word in ("№3", "no.3", "Nr.3", "3.", "3,", "3:", "(3)", "(#3)", "３", "＃３", "№３．"):
        assert number(word) == 3, word
    assert all(
        number(word) is None
        for word in ["", "#", "0", "-3", "+3", "3 ", "³", "٣", "3..", "3.5", "v3", str(LARGEST_NUMBER + 1)]
    )


@pytest.mark.parametrize(
    ("word", "parts"),
    [
        ("shop3", ("shop", "3")),
        ("shop/3", ("shop", "3")),
        ("shop#3", ("shop", "3")),
        ("shop2#3", ("shop2", "3")),
        ("shop2/#3", ("shop2", "3")),
        ("my-shop12", ("my-shop", "12")),
        ("shop-3", None),
        ("shop", None),
        ("shop0", None),
        ("3", None),
        ("a.b3", ("a.b", "3")),
        ("a/b/3", None),
    ],
)
def test_a_database_and_number_in_one_word(word: str, parts: tuple[str, str] | None) -> None:
    """What was written together is taken apart only where both parts can be what they should be."""
    assert taken_apart(word) == parts


@pytest.mark.parametrize(
    "line",
    [
        "show sh.op 3",
        "show .. 3",
        "list a/b",
        "list a%2fb",
        "create shop feature/x -i",
        "create shop .. -i",
        "create shop main -i --source-keyspace a.b",
        "create shop main -i --target-keyspace a/b",
        "create shop main -i --global-keyspace @primary",
        "create shop main -i --name a.b",
        "create shop main -i --tables a/b",
        "create shop main -i --tables a,..",
        "create shop main -i --tables a`b",
        "list shop --org a/b",
        "list shop --org ../x",
    ],
)
def test_no_strange_name_comes_through(line: str) -> None:
    """A name that PlanetScale cannot have is a mistake, in every place of the grammar."""
    assert isinstance(parse(line), Mistake)


def test_tables_come_through_as_typed() -> None:
    """Table names keep their case, spaces and signs."""
    command = parse("create shop main -i --tables Orders,größe --tables 'two words,$x'")
    assert isinstance(command, CreateWorkflow)
    assert command.tables == ("Orders", "größe", "two words", "$x")
