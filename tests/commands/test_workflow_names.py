"""A workflow's name in the place of its number."""

import pytest

from bot.commands.grammar import SUB_COMMANDS
from bot.commands.lines import chat_line
from bot.commands.model import History, Mistake, OnWorkflow
from bot.commands.parser import parse
from tests.rows import each_row

TAKE_A_NUMBER = [sub.name for sub in SUB_COMMANDS if any(one.field == "number" for one in sub.positionals)]


@pytest.mark.parametrize("sub", TAKE_A_NUMBER)
def test_a_name_works_wherever_a_number_does(sub: str) -> None:
    """Every sub-command that takes a number takes the name, and is written again with it."""
    command = parse(f"{sub} shop orders-to-customer")
    assert isinstance(command, OnWorkflow | History)
    assert (command.number, command.named) == (None, "orders-to-customer")
    assert chat_line(command) == f"/workflow {sub} shop orders-to-customer"


@each_row(
    ("typed", "named"),
    [
        ("`orders-to-customer`", "orders-to-customer"),
        ("'orders-to-customer'", "orders-to-customer"),
        ("“orders-to-customer”", "orders-to-customer"),
        ("orders–to–customer", "orders-to-customer"),
        ("Orders_V2", "Orders_V2"),
        ("_orders", "_orders"),
        ("3rd", "3rd"),
        ("1e3", "1e3"),
        ("three", "three"),
    ],
)
def test_a_name_is_taken_as_people_write_it(typed: str, named: str) -> None:
    """Code marks, quotes and a phone's dashes do not belong to the name; its letters stay as they are."""
    command = parse(f"show shop {typed}")
    assert isinstance(command, OnWorkflow)
    assert command.named == named


@pytest.mark.parametrize("word", ["0", "007x!", "a/b", "a.b", "<@U1>", "“”", "x" * 65, "名前", "99" * 20])
def test_what_can_be_no_name_is_a_mistake(word: str) -> None:
    """Digits stay a number, right or wrong, and nothing that could be markup or a path is taken as a name."""
    assert isinstance(parse(f"show shop {word}"), Mistake)


def test_digits_stay_numbers() -> None:
    """A workflow that is called 3 is not what `3` means."""
    command = parse("cutover shop 3")
    assert isinstance(command, OnWorkflow)
    assert (command.number, command.named) == (3, None)


def test_the_list_of_one_workflow_is_shown_instead() -> None:
    """`list` with a workflow's name suggests `show`, as it does with a number."""
    mistake = parse("list shop orders")
    assert isinstance(mistake, Mistake)
    assert mistake.suggestion == "/workflow show shop orders"
