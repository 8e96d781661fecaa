"""Tables: Slack's own within its limits, and the same in lines of equal width where it has none."""

from typing import Any

from bot.demo.slack.blockkit import message_problems
from bot.slack.cards.blocks.plainer import forms
from bot.slack.cards.blocks.rich import Card, Message
from bot.slack.cards.workflow.listing import list_card
from bot.slack.cards.workflow.overview_card import Everything, overview_card
from bot.workflows.attention import Beside, Waits
from bot.workflows.entries import Entry
from tests.builders import NOW, a_workflow

HOSTILE = "<!channel> *x* `y`\u202e\n&"


def entry(number: int, name: str, database: str = "shop", **differs: Any) -> Entry:
    return Entry(
        organization="acme",
        database=database,
        workflow=a_workflow(number=number, name=name, **differs),
        read_at=NOW,
        in_detail=True,
        beside=Beside(Waits.APPROVAL),
    )


def table_of(message: Message) -> list[list[str]]:
    """The cells of its table."""
    [found] = [block for block in message.blocks if block["type"] == "table"]
    return [[cell["text"] for cell in row] for row in found["rows"]]


def check(message: Message) -> None:
    """Slack takes all forms of it."""
    for payload in forms(message):
        assert message_problems(list(payload.get("blocks", []))) == []


def test_a_table_falls_back_to_lines_of_equal_width() -> None:
    """The first form has the table, the next the same cells as lines, and the last is text."""
    card = Card()
    card.line("Before")
    card.table([("#", "Name"), ("12", "a-long-name"), ("3", "")], (0, 6), numbers=0)
    card.line("After")
    first, second, last = forms(card.message())
    assert [block["type"] for block in first["blocks"]] == ["rich_text", "table", "rich_text"]
    lines = second["blocks"][1]["elements"][0]["elements"][0]["text"]
    assert lines.splitlines() == [" #  Name", "12  a-lon…", " 3"]
    assert last["text"].splitlines() == ["Before", " #  Name", "12  a-lon…", " 3", "After"]
    check(card.message())


def test_the_longest_lists_are_within_the_limits() -> None:
    """With the longest names that there can be, many workflows and many databases, Slack takes the answer."""
    many = [entry(number, "n" * 64, "d" * 60 + f"{number:03}") for number in range(1, 120)]
    check(list_card("shop", many, NOW))
    failed = {f"db-{number}": f"Reason {number}." for number in range(30)}
    everything = Everything(
        organization="acme",
        entries=many,
        read=119,
        failed=failed,
        not_read=[f"late-{number}" for number in range(300)],
        unlisted="It may not.",
    )
    message = overview_card(everything, NOW)
    check(message)
    assert "Not read, for lack of time: 300 databases (late-0, late-1 and 298 more)." in message.plain
    assert "Not read: 26 more databases, for other reasons." in message.plain
    assert len(table_of(message)) == 31
    assert "/workflow list --format csv" in str(message.blocks)


def test_a_table_that_is_too_long_is_lines() -> None:
    """More than Slack takes as a table is not sent as one."""
    for rows in ([("x" * 100,)] * 99, [("x",)] * 101):
        card = Card()
        card.table(rows, (40,))
        assert [block["type"] for block in card.message().blocks] == ["rich_text"]
        check(card.message())


def test_names_are_dead_in_a_table() -> None:
    """Nothing in a cell is markup, breaks the row or turns the writing direction."""
    message = overview_card(
        Everything(organization=HOSTILE, entries=[entry(3, HOSTILE, HOSTILE)], read=1), NOW
    )
    check(message)
    cells = [cell for row in table_of(message) for cell in row]
    assert not any("\n" in cell or "\u202e" in cell for cell in cells)
    assert "<!channel>" not in message.plain
    kinds = {
        cell["type"]
        for block in message.blocks
        if block["type"] == "table"
        for row in block["rows"]
        for cell in row
    }
    assert kinds == {"raw_text"}


def test_nothing_read_is_not_nothing_there() -> None:
    """An answer without rows says whether nothing is active, or nothing could be read."""
    none = overview_card(Everything(organization="acme", entries=[], read=4), NOW)
    assert none.plain == "Nothing in acme is active · 0 active · 4 databases read"
    failed = Everything(organization="acme", entries=[], read=0, failed={"shop": "It has trouble."})
    assert overview_card(failed, NOW).plain.splitlines() == [
        "Nothing of acme could be read · 0 active · 0 databases read",
        "Not read: shop. It has trouble.",
    ]
