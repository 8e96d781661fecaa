"""Help, as good as a good command line's: usage, what it does, flags, examples."""

from bot.commands.help import FlagRow, HelpPage
from bot.slack.cards.blocks.rich import Card, Message, bold, code


def help_card(page: HelpPage, notes: tuple[str, ...] = ()) -> Message:
    """One page of help. Words to type are in code style, so that they can be told from words about them."""
    card = Card()
    card.line(bold(page.title), f" · {page.summary}")
    card.line("Usage: ", code(page.usage))
    for sentence in page.description:
        card.line(sentence)
    for section in page.sections:
        card.line()
        card.line(bold(section.title))
        for row in section.rows:
            card.line(code(row.word), "  ", row.help)
    _notes(card, "Before you do", page.warnings)
    _flags(card, page)
    card.line()
    card.line(bold("Examples"))
    for example in page.examples:
        card.line(code(example.line), "  ", example.help)
    _notes(card, "Good to know", (*page.notes, *notes))
    return card.message(f"Help: {page.usage}")


def notes_card(notes: tuple[str, ...]) -> Message:
    """What was accepted in a line and has no effect, where the answer itself comes later, or has no place."""
    card = Card()
    for note in notes:
        card.line(note)
    return card.message()


def _notes(card: Card, title: str, notes: tuple[str, ...]) -> None:
    if notes:
        card.line()
        card.line(bold(title))
    for note in notes:
        card.line(note)


def _flags(card: Card, page: HelpPage) -> None:
    if page.flags:
        card.line()
        card.line(bold("Flags"))
    for flag in page.flags:
        _flag(card, flag)
    if page.everywhere:
        card.line()
        card.line("On every sub-command: ", code("  ".join(page.everywhere)))


def _flag(card: Card, flag: FlagRow) -> None:
    card.line(code(flag.spelled), "  ", flag.help)
    for choice in flag.choices:
        card.line("      ", code(choice.word), "  ", choice.help)
