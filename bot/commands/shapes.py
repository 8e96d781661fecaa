"""The shape of the grammar's table: what a sub-command, a word and a flag are. Plain data."""

from dataclasses import dataclass
from enum import Enum, StrEnum, auto
from typing import Final

from bot.commands.model import Command, Format
from bot.commands.names import Thing

PREFIX: Final = "/workflow"


class ValueKind(Enum):
    """What a flag takes."""

    SWITCH = auto()
    """Nothing, or `=true` / `=false`."""
    NAME = auto()
    """One name."""
    LIST = auto()
    """Names with commas between them; repeated, they add up."""
    CHOICE = auto()
    """One of a few words."""
    PERSON = auto()
    """Somebody at Slack: a mention, or what they are called."""
    DAY = auto()
    """A date: 2026-11-01."""
    NUMBER = auto()
    """A whole number from 1 on."""
    TEXT = auto()
    """Words of somebody's own, in quotes."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One value of a flag that takes one of a few."""

    value: StrEnum
    help: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Flag:
    """A flag, wherever it may stand. Two are the same only if they are one object."""

    name: str
    """Without dashes."""
    kind: ValueKind
    help: str
    field: str = ""
    """The field of the command that it fills; empty where it fills none."""
    short: str | None = None
    placeholder: str = ""
    thing: Thing | None = None
    """What its value names."""
    choices: tuple[Choice, ...] = ()
    default: object = None
    required: bool = False

    @property
    def spelled(self) -> str:
        """As it is written: ``--format``."""
        return f"--{self.name}"


@dataclass(frozen=True, slots=True)
class Positional:
    """A word that a sub-command takes by its place."""

    placeholder: str
    field: str
    thing: Thing
    help: str
    required: bool = True
    """It belongs to the usage that is shown."""
    found: bool = False
    """Left out, it is found where only one thing can be meant."""
    name_field: str = ""
    """The field that a name fills which is typed in its place; empty where none can be."""

    @property
    def must_be_typed(self) -> bool:
        """Whether a line without it is a mistake."""
        return self.required and not self.found

    @property
    def spelled(self) -> str:
        """As usage shows it: ``<DATABASE>``, or ``[NUMBER]`` where it may be left out."""
        return f"<{self.placeholder}>" if self.required else f"[{self.placeholder}]"


@dataclass(frozen=True, slots=True)
class Example:
    """A line that can be typed, and what it does."""

    line: str
    help: str


class CommandGroup(StrEnum):
    """How the overview sorts sub-commands. The values are its headings."""

    LOOK = "Looking"
    ACT = "Acting"
    BOT = "The bot itself"


@dataclass(frozen=True, slots=True, kw_only=True)
class SubCommand:
    """A row of the table."""

    name: str
    group: CommandGroup
    makes: type[Command]
    positionals: tuple[Positional, ...]
    summary: str
    """One line for the overview."""
    description: tuple[str, ...]
    """What it does at PlanetScale, what it deletes, the way back."""
    examples: tuple[Example, ...]
    flags: tuple[Flag, ...] = ()
    """Its own; those that every sub-command has come on top."""
    warnings: tuple[str, ...] = ()
    """What to read before it is typed."""
    notes: tuple[str, ...] = ()
    """What else is good to know."""
    formats: tuple[Format, ...] = (Format.HUMAN,)
    """How its answer can be written (`--format`)."""
    final: bool = False
    """It ends what cannot be had back: never offered ready to send to someone who typed another word."""

    @property
    def usage(self) -> str:
        """The right form: ``/workflow show <DATABASE> [NUMBER]``."""
        parts = [PREFIX, self.name, *(positional.spelled for positional in self.positionals)]
        parts += [f"{flag.spelled} {flag.placeholder}" for flag in self.flags if flag.required]
        optional = [f"[{flag.spelled}]" for flag in self.flags if not flag.required]
        parts += optional if len(optional) <= 2 else ["[flags]"]
        return " ".join(parts)
