"""Command → the line that says the same, to paste into chat."""

import csv
import io
import shlex
from collections.abc import Iterator
from dataclasses import replace

from bot.commands import flags, grammar
from bot.commands.model import ActOnWorkflow, Command, Help, ListWorkflows, ShowWorkflow, Start
from bot.commands.shapes import PREFIX, Flag, SubCommand, ValueKind


def chat_line(command: Command) -> str:
    """The line that parses to this command: ``/workflow show shop 3``. Notes are left out."""
    if isinstance(command, Start):
        named = command.organization
        return PREFIX if named is None else f"{PREFIX} {_spelled(flags.ORG, named)}"
    sub = grammar.sub_command_of(command)
    return " ".join([PREFIX, sub.name, *_positionals(command, sub), *_flags(command, sub)])


def offered_line(command: Command) -> str:
    """The line that is handed out to be pasted: never with `--force`, which people add on purpose."""
    return chat_line(replace(command, force=False) if isinstance(command, ActOnWorkflow) else command)


def pscale_line(command: Command, organization: str) -> str | None:
    """The same for PlanetScale's own command line, never with `--force`; `None` where it would not be whole.

    It knows workflows by number, and nothing of what this bot adds.
    """
    if not isinstance(command, ListWorkflows | ShowWorkflow | ActOnWorkflow) or command.database is None:
        return None
    if not isinstance(command, ListWorkflows) and command.number is None:
        return None
    sub, words = grammar.sub_command_of(command), [command.database]
    number = [] if isinstance(command, ListWorkflows) else [str(command.number)]
    only = [flags.REPLICAS_ONLY.spelled] if getattr(command, flags.REPLICAS_ONLY.field, False) else []
    named = [flags.ORG.spelled, shlex.quote(organization)]
    return " ".join(["pscale workflow", sub.name, *words, *number, *only, *named])


def _positionals(command: Command, sub: SubCommand) -> Iterator[str]:
    for positional in sub.positionals:
        value = getattr(command, positional.field)
        if value is None and positional.name_field:
            value = getattr(command, positional.name_field)
        if value is not None:
            yield shlex.quote(str(value))


def _flags(command: Command, sub: SubCommand) -> Iterator[str]:
    for flag in grammar.flags_of(sub):
        if not flag.field or sub.makes is Help:
            continue
        value = getattr(command, flag.field)
        if value != flag.default:
            yield _spelled(flag, value)


def _spelled(flag: Flag, value: object) -> str:
    """A flag with its value joined to it, so that a value can begin with a dash."""
    if value is True:
        return f"-{flag.short}" if flag.short else flag.spelled
    if flag.kind is ValueKind.SWITCH:
        return f"{flag.spelled}=false"
    text = _csv(value) if isinstance(value, tuple) else str(value)
    if flag.kind is ValueKind.TEXT and '"' not in text:
        return f'{flag.spelled}="{text}"'
    return f"{flag.spelled}={text}" if text == shlex.quote(text) else shlex.quote(f"{flag.spelled}={text}")


def _csv(names: tuple[str, ...]) -> str:
    """Names as the CLI reads them: CSV, so that a name may hold a comma or a quote."""
    out = io.StringIO()
    csv.writer(out, lineterminator="").writerow(names)
    return out.getvalue()
