"""What may come next in a half-typed line, for a composer that offers it."""

from collections.abc import Iterator
from dataclasses import dataclass

from bot.commands import flags, grammar
from bot.commands.names import Thing, plain_hyphens
from bot.commands.scan import dashed, scan
from bot.commands.secret import LONGEST_TEXT
from bot.commands.shapes import Flag, SubCommand, ValueKind
from bot.commands.tokens import plain, split


@dataclass(frozen=True, slots=True)
class Completion:
    """A candidate for the word at the end of the text."""

    word: str
    """Replaces the half-typed word (or follows the space)."""
    help: str
    literal: bool = True
    """False: a placeholder such as ``<DATABASE>``, to be shown and not inserted."""


def completions(text: str) -> list[Completion]:
    """Candidates for the last word of what follows ``/workflow``, best first. Never raises.

    Placeholders come only where nothing of the word is typed yet. Refused flags are never offered.
    """
    words, unclosed = split(plain(text[: LONGEST_TEXT + 1]))
    if unclosed or len(text) > LONGEST_TEXT:
        return []
    begun = words.pop() if words and not text[-1:].isspace() else ""
    return list(_candidates(words, "".join(dashed(begun))))


def _candidates(words: list[str], begun: str) -> Iterator[Completion]:
    line = scan(words)
    sub = grammar.BY_NAME.get(plain_hyphens(line.words[0]).lower()) if line.words else None
    name, equals, value = begun.partition("=")
    if line.waiting is not None:
        yield from _values(line.waiting, sub, begun, "")
    elif begun.startswith("-") and equals:
        flag = flags.BY_NAME.get(name.lstrip("-").lower())
        yield from _values(flag, sub, value, f"{name}=") if flag else ()
    elif begun.startswith("-"):
        yield from _flags(sub, {used.flag for used in line.used}, begun)
    elif sub is None:
        yield from () if line.words else _sub_commands(begun)
    else:
        yield from _words(sub, len(line.words) - 1, begun)
        if not begun and len(line.words) > sum(positional.required for positional in sub.positionals):
            yield from _flags(sub, {used.flag for used in line.used}, "--")


def _sub_commands(begun: str) -> Iterator[Completion]:
    for sub in grammar.SUB_COMMANDS:
        if sub.name.startswith(begun.lower()):
            yield Completion(sub.name, sub.summary)


def _words(sub: SubCommand, place: int, begun: str) -> Iterator[Completion]:
    if place >= len(sub.positionals):
        return
    positional = sub.positionals[place]
    if positional.thing is Thing.SUB_COMMAND:
        yield from _sub_commands(begun)
    elif not begun:
        yield Completion(positional.spelled, positional.help, literal=False)


def _flags(sub: SubCommand | None, used: set[Flag], begun: str) -> Iterator[Completion]:
    for flag in grammar.flags_of(sub) if sub else flags.GLOBAL:
        repeatable = flag.kind is ValueKind.LIST
        if flag.spelled.startswith(begun.lower()) and (repeatable or flag not in used):
            yield Completion(flag.spelled, flag.help)
        elif f"-{flag.short}" == begun.lower() and flag not in used:
            yield Completion(begun.lower(), flag.help)


def _values(flag: Flag, sub: SubCommand | None, begun: str, before: str) -> Iterator[Completion]:
    if not flag.choices and flag.placeholder and not begun:
        yield Completion(f"{before}{flag.placeholder}", flag.help, literal=False)
    for choice in grammar.choices_of(sub, flag):
        if choice.value.value.lower().startswith(begun.lower()):
            yield Completion(f"{before}{choice.value.value}", choice.help)
