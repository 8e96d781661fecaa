"""Help pages as data: what a good CLI shows for ``--help``. How they look in chat is decided elsewhere."""

from dataclasses import dataclass
from typing import Final

from bot.commands import flags, grammar
from bot.commands.names import Thing
from bot.commands.shapes import PREFIX, CommandGroup, Example, Flag, SubCommand, ValueKind


@dataclass(frozen=True, slots=True)
class HelpRow:
    """A word and what it means."""

    word: str
    help: str


@dataclass(frozen=True, slots=True)
class FlagRow:
    """A flag as a page shows it: ``-f, --format <FORMAT>``, a sentence, and its values where they are few."""

    spelled: str
    help: str
    choices: tuple[HelpRow, ...] = ()


@dataclass(frozen=True, slots=True)
class HelpSection:
    """Some of the sub-commands, under a heading."""

    title: str
    rows: tuple[HelpRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class HelpPage:
    """One page. Everything is plain text; the overview has `sections`, a sub-command's page has none."""

    topic: str | None
    title: str
    summary: str
    usage: str
    description: tuple[str, ...]
    sections: tuple[HelpSection, ...] = ()
    flags: tuple[FlagRow, ...]
    everywhere: tuple[str, ...] = ()
    """On a sub-command's page: the flags that all of them take, explained in the overview."""
    examples: tuple[Example, ...]
    warnings: tuple[str, ...] = ()
    """What to read before the sub-command is typed, in whole sentences."""
    notes: tuple[str, ...]
    """What else is good to know, in whole sentences."""


_SERVER_SIDE: Final = (
    "Tokens and endpoints are set on the server. "
    f"Refused here, and not stored: {', '.join('--' + name for name in flags.REFUSED)}."
)
_NAME_TYPED: Final = (
    "The workflow's name may stand in place of its number; its beginning is enough where no other begins so."
)
_NUMBER_LEFT_OUT: Final = "The number may be left out where only one workflow of the database is active."
_DATABASE_LEFT_OUT: Final = "The database may be left out where this bot is set up for only one."
_IN_MESSAGES: Final = (
    "In a thread, where Slack takes no slash commands, ask by mention: @Workflow Bot show shop 3. "
    "Only you see the answer. In its direct messages, show shop 3 is enough. Actions are typed as commands."
)
_IGNORED: Final = f"Accepted and ignored: {', '.join(flag.spelled for flag in flags.MEANINGLESS)}."


def help_page(topic: str | None) -> HelpPage:
    """The page of a sub-command; the overview for ``None`` and for a word that is no sub-command."""
    sub = grammar.BY_NAME.get(topic) if topic is not None else None
    return _overview() if sub is None else _page(sub)


def _overview() -> HelpPage:
    return HelpPage(
        topic=None,
        title="PlanetScale workflows",
        summary="Moves tables between keyspaces, as pscale workflow does.",
        usage=f"{PREFIX} <sub-command> <DATABASE> <NUMBER|BRANCH> [flags]",
        description=("What can hurt production waits for a second person.",),
        sections=tuple(
            HelpSection(
                group.value,
                tuple(HelpRow(sub.name, sub.summary) for sub in grammar.SUB_COMMANDS if sub.group is group),
            )
            for group in CommandGroup
        ),
        flags=tuple(map(_flag_row, flags.GLOBAL)),
        examples=(
            Example("/workflow show shop 3", "Workflow #3 of shop."),
            Example("/workflow help switch-traffic", "What it does, its flags, examples."),
        ),
        notes=(_IN_MESSAGES, _IGNORED, _SERVER_SIDE),
    )


def _page(sub: SubCommand) -> HelpPage:
    return HelpPage(
        topic=sub.name,
        title=f"{PREFIX} {sub.name}",
        summary=sub.summary,
        usage=sub.usage,
        description=sub.description,
        flags=tuple(map(_flag_row, (one for one in grammar.flags_of(sub) if one not in flags.GLOBAL))),
        everywhere=tuple(_flag_row(flag).spelled for flag in flags.GLOBAL),
        examples=sub.examples,
        warnings=sub.warnings,
        notes=(*sub.notes, *_left_out(sub)),
    )


def _left_out(sub: SubCommand) -> tuple[str, ...]:
    """What need not be typed, where nothing else can be meant."""
    found = {one.thing for one in sub.positionals if one.found}
    if Thing.NUMBER in found:
        return (_NAME_TYPED, f"{_NUMBER_LEFT_OUT} {_DATABASE_LEFT_OUT} The answer says what was assumed.")
    return (f"{_DATABASE_LEFT_OUT} The answer says what was assumed.",) if found else ()


def _flag_row(flag: Flag) -> FlagRow:
    spelled = f"-{flag.short}, {flag.spelled}" if flag.short else flag.spelled
    if flag.kind is not ValueKind.SWITCH:
        spelled = f"{spelled} {flag.placeholder}"
    elif flag.default is True:
        spelled = f"{spelled}[=false]"
    explained = (choice for choice in flag.choices if choice.help)
    return FlagRow(
        spelled, flag.help, tuple(HelpRow(choice.value.value, choice.help) for choice in explained)
    )
