"""A `create` that cannot be carried out as it was typed: what is wrong with it, and a button to the form."""

from dataclasses import replace
from itertools import takewhile
from typing import Final

from bot.commands import flags, grammar, names
from bot.commands.errors import TypedLine, UsageError, Used, joined
from bot.commands.lines import chat_line
from bot.commands.model import CreateWorkflow, Mistake
from bot.commands.names import Thing
from bot.commands.nearest import distance
from bot.commands.parser import parse
from bot.commands.scan import dashed, scan
from bot.commands.shapes import PREFIX, ValueKind
from bot.commands.tokens import plain, split
from bot.commands.values import Values, flag_values
from bot.slack.cards.answers.brief_answers import mistake_card, runnable
from bot.slack.cards.answers.run_buttons import meant_buttons
from bot.slack.cards.blocks.controls import BUTTON_VALUE, Button
from bot.slack.cards.blocks.rich import Card, Message, bold, code
from bot.slack.cards.forms.draft import Draft, draft_of
from bot.slack.cards.forms.fields import OPEN

_EMPTY: Final = "create"
_ALLOWED: Final = frozenset({"organization", "interactive"})
"""What a bare line may say with flags."""
_OF_THE_LINE: Final = (flags.BY_NAME["interactive"], *flags.GLOBAL)
"""Flags that say nothing about the workflow."""
_LONGEST_FLAG: Final = 40


def offer_card(mistake: Mistake, typed: str) -> Message:
    """What was wrong, and [Open the form], filled with what was typed, or with its place if not understood.

    There is no button where it is not clear which organization was meant: the form would be of another one.
    """
    if not _names_its_organization(typed):
        return mistake_card(replace(mistake, suggestion=mistake.suggestion or _meant(typed)))
    card = Card()
    card.line(bold(mistake.problem), " Nothing was sent.")
    if mistake.suggestion:
        card.line("Did you mean ", code(mistake.suggestion), "?")
    card.line(
        "The form asks for what is missing; with ",
        code("-i"),
        " it opens at once. Or type all of it: ",
        code("/workflow help create"),
    )
    value = _carried(typed)
    if len(value) > BUTTON_VALUE:
        value = place_in(typed)
        card.line("Your line is too long for the button: in the form, choose anew what it says with flags.")
    elif left := _left_out(typed):
        card.line(f"Not understood, so to be chosen in the form: {joined(left)}.")
    card.actions(Button("Open the form", OPEN, value, "primary"), *meant_buttons(runnable(mistake)))
    return card.message()


def typed_in(value: str) -> CreateWorkflow | None:
    """What a line says about the workflow to create, as far as it can be understood; each flag by itself."""
    whole = parse(f"{value} -i")
    if isinstance(whole, CreateWorkflow):
        return replace(whole, interactive=False)
    command = parse(f"{place_in(value)} -i")
    if not isinstance(command, CreateWorkflow):
        return None
    return replace(command, interactive=False, **_said(value))


def draft_typed(typed: str) -> Draft:
    """What the flags of a line say, wherever the workflow is to be: the form is filled with it."""
    return draft_of(CreateWorkflow(database="", branch="", **_said(typed)))


def _said(typed: str) -> Values:
    said: Values = {}
    for used in _line(typed).used:
        said |= _understood(used, said)
    return said


def _understood(used: Used, before: Values) -> Values:
    """What one flag says, beside what the others said; nothing where it is not understood."""
    sub = grammar.BY_NAME[_EMPTY]
    if used.flag in _OF_THE_LINE or used.flag not in grammar.flags_of(sub):
        return {}
    try:
        said, _ = flag_values(sub, TypedLine((), (used,)))
    except UsageError:
        return {}
    if used.flag.kind is ValueKind.LIST:
        return {name: tuple(dict.fromkeys((*before.get(name, ()), *items))) for name, items in said.items()}
    return said


def _left_out(typed: str) -> list[str]:
    """The flags of a line that say nothing to the form, because their values are wrong."""
    own = (used for used in _line(typed).used if used.flag in flags.CREATE and used.flag not in _OF_THE_LINE)
    return list(dict.fromkeys(used.flag.spelled for used in own if not _understood(used, {})))


def _carried(typed: str) -> str:
    """The line as the button carries it: what was understood, in its shortest form where that is needed."""
    command = typed_in(typed)
    if len(typed) <= BUTTON_VALUE or command is None:
        return typed or _EMPTY
    return chat_line(command).removeprefix(PREFIX).strip()


def is_bare(typed: str) -> bool:
    """Whether a line is `create`, perhaps with `-i`, `--org` or a database: the form asks for the rest."""
    return _bare_words(typed) is not None and _names_its_organization(typed)


def database_in(typed: str) -> str | None:
    """The database that a bare line names, if it names one."""
    words = _bare_words(typed)
    return words[0] if words else None


def organization_in(typed: str) -> str | None:
    """The organization that a line names with `--org`, whatever else is wrong with it."""
    values = _organizations(_line(typed))
    return values[-1] if values and names.fits(Thing.ORGANIZATION, values[-1]) else None


def _names_its_organization(typed: str) -> bool:
    """Whether it is clear which one a line is about: what looks like `--org` is that, and names one."""
    values = _organizations(_line(typed))
    return len(values) == sum(map(_looks_like_org, _words(typed))) and all(
        names.fits(Thing.ORGANIZATION, value) for value in values
    )


def _looks_like_org(word: str) -> bool:
    dashes, rest = dashed(word)
    name = names.plain_hyphens(rest.partition("=")[0])[:_LONGEST_FLAG].lower()
    short = dashes == "-" and name[:1] == flags.ORG.name[0] and name not in flags.BY_NAME
    like = short or name.startswith(flags.ORG.name) or distance(name, flags.ORG.name) <= 1
    return bool(dashes) and like


def _meant(typed: str) -> str | None:
    """The line with the organization that was probably meant."""
    asking = parse(f"{typed} -i")
    if isinstance(asking, Mistake) and asking.suggestion:
        return asking.suggestion
    words, values = _bare_words(typed), _organizations(_line(typed))
    better = names.repaired(Thing.ORGANIZATION, values[-1]) if values else None
    if words is None or better is None:
        return None
    return " ".join([PREFIX, _EMPTY, *words, f"{flags.ORG.spelled}={better}"])


def place_in(typed: str) -> str:
    """The start of a line that a button cannot hold, or nobody understands: it leads to the right form."""
    words, organization = _line(typed).words, organization_in(typed)
    before = [word.lower() for word in words]
    after = words[before.index(_EMPTY) + 1 :] if _EMPTY in before else ()
    pairs = zip((Thing.DATABASE, Thing.BRANCH), after, strict=False)
    named = takewhile(lambda pair: names.fits(*pair), pairs)
    spelled = [f"{flags.ORG.spelled}={organization}"] if organization else []
    return " ".join([_EMPTY, *(word for _, word in named), *spelled])


def _bare_words(typed: str) -> tuple[str, ...] | None:
    """The words of a bare line after `create`, whatever its organization."""
    line = _line(typed)
    first, *rest = *line.words, ""
    words = tuple(filter(None, rest))
    known = line.wrong is None and all(used.flag.field in _ALLOWED for used in line.used)
    wanted = first.lower() == _EMPTY and len(words) <= 1 and known and not line.help
    return words if wanted and all(names.fits(Thing.DATABASE, word) for word in words) else None


def _organizations(line: TypedLine) -> list[str]:
    return [used.value for used in line.used if used.flag is flags.ORG]


def _line(typed: str) -> TypedLine:
    return scan(_words(typed))


def _words(typed: str) -> list[str]:
    return split(plain(typed)).words


def not_opened_card() -> Message:
    """Slack gives three seconds, and may be slow itself."""
    card = Card()
    card.line("Slack did not open the form in time. Nothing was sent.")
    card.line("Try again, or type the flags: ", code("/workflow help create"))
    return card.message()
