"""A `create` that cannot be carried out as it was typed: what is wrong with it, and a button to the form."""

from dataclasses import replace

from bot.commands import flags, names
from bot.commands.errors import Line
from bot.commands.model import CreateWorkflow, Mistake
from bot.commands.names import Thing
from bot.commands.parser import parse
from bot.commands.scan import scan
from bot.commands.tokens import plain, split
from bot.slack.cards.controls import BUTTON_VALUE, Button
from bot.slack.cards.forms.fields import OPEN
from bot.slack.cards.rich import Card, Message, bold, code

_EMPTY = "create"
_ALLOWED = frozenset({"organization", "interactive"})
"""What a bare line may say with flags."""


def offer_card(mistake: Mistake, typed: str) -> Message:
    """What was wrong, and [Open the form], which is then filled with what was typed."""
    card = Card()
    card.line(bold(mistake.problem), " Nothing was sent.")
    if mistake.suggestion:
        card.line("Did you mean ", code(mistake.suggestion), "?")
    card.line("The form asks for what is missing. Or type it: ", code("/workflow help create"))
    value = typed if 0 < len(typed) <= BUTTON_VALUE else _EMPTY
    card.actions(Button("Open the form", OPEN, value, "primary"))
    return card.message()


def typed_in(value: str) -> CreateWorkflow | None:
    """What a line says about the workflow to create, as far as it can be understood."""
    command = parse(f"{value} -i")
    return replace(command, interactive=False) if isinstance(command, CreateWorkflow) else None


def is_bare(typed: str) -> bool:
    """Whether a line is `create`, perhaps with `-i`, `--org` or a database: the form asks for the rest."""
    return _bare_words(typed) is not None


def database_in(typed: str) -> str | None:
    """The database that a bare line names, if it names one."""
    words = _bare_words(typed)
    return words[0] if words else None


def organization_in(typed: str) -> str | None:
    """The organization that a line names with `--org`, whatever else is wrong with it."""
    values = [used.value for used in _line(typed).used if used.flag is flags.ORG]
    return values[-1] if values and names.fits(Thing.ORGANIZATION, values[-1]) else None


def _bare_words(typed: str) -> tuple[str, ...] | None:
    line = _line(typed)
    first, *rest = *line.words, ""
    words = tuple(filter(None, rest))
    known = line.wrong is None and all(used.flag.field in _ALLOWED for used in line.used)
    wanted = first.lower() == _EMPTY and len(words) <= 1 and known and not line.help
    return words if wanted and all(names.fits(Thing.DATABASE, word) for word in words) else None


def _line(typed: str) -> Line:
    return scan(split(plain(typed))[0])


def not_opened_card() -> Message:
    """Slack gives three seconds, and may be slow itself."""
    card = Card()
    card.line("Slack did not open the form in time. Nothing was sent.")
    card.line("Try again, or type the flags: ", code("/workflow help create"))
    return card.message()
