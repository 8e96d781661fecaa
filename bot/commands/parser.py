"""Chat text → a command, a mistake that helps, or the refusal of a secret."""

from dataclasses import replace
from typing import Final

from bot.commands import flags, grammar, names
from bot.commands.errors import TypedLine, UsageError, shown
from bot.commands.lines import offered_line
from bot.commands.model import (
    ActionName,
    ActOnWorkflow,
    Command,
    CreateWorkflow,
    Help,
    Mistake,
    Parsed,
    Start,
)
from bot.commands.names import Thing
from bot.commands.nearest import Nearest, nearest
from bot.commands.scan import scan
from bot.commands.secret import LONGEST_TEXT, find_secret
from bot.commands.shapes import SubCommand
from bot.commands.tokens import plain, split
from bot.commands.values import Values, check_create, flag_values, positional_values, unquoted

_REPAIRS: Final = 3
"""How many things may be wrong with a line for which a right one is suggested."""


def parse(text: str) -> Parsed:
    """Understand what was typed after ``/workflow``. Never raises, whatever the text is.

    A secret is looked for first, in all of the text; a `SecretTyped` holds nothing of it. Every name in a
    `Command` fits `names.fits`. A line pasted with ``/workflow`` or ``pscale workflow`` before it is
    understood too. Only a wrong word itself is repeated in a `Mistake`, bounded and printable, and never the
    value of a flag that is not known.
    """
    text = plain(text)
    secret = find_secret(text)
    if secret is not None:
        return secret
    if len(text) > LONGEST_TEXT:
        return Mistake(f"That is too long: {len(text):,} characters. At most {LONGEST_TEXT:,} are read.")
    words, unclosed = split(text)
    line = scan(words)
    if unclosed:
        return _mistake(UsageError("A quote is opened and not closed."), line)
    try:
        return _understand(line)
    except UsageError as error:
        return _mistake(error, line)


def sub_command_in(text: str) -> str | None:
    """The sub-command that a line names, whatever is right or wrong with the rest; `None`: it names none that
    there is. To know what was meant, `parse` it.
    """
    text = plain(text)
    sub = _sub_command(_words(scan(split(text)[0]))) if len(text) <= LONGEST_TEXT else None
    return sub.name if sub else None


def _mistake(error: UsageError, line: TypedLine) -> Mistake:
    sub = _sub_command(_words(line))
    repaired = _repaired(error, _REPAIRS)
    also = _repaired(UsageError("", retries=(error.also,)), 1) if error.also else None
    if sub is None and error.word is not None:
        sub = grammar.BY_NAME.get(error.word)
    return Mistake(
        problem=error.problem,
        usage=sub.usage if sub else None,
        suggestion=offered_line(repaired) if repaired else error.word,
        topic=sub.name if sub else None,
        runs=repaired is not None and not _forced(line),
        also=offered_line(also) if also else None,
    )


def _forced(line: TypedLine) -> bool:
    """Whether the line says `--force`, perhaps misspelt or where it means nothing."""
    return any(used.flag is flags.FORCE for used in line.used)


def _repaired(error: UsageError, left: int) -> Command | None:
    """What a line says that is understood and close to what was typed."""
    for retry in error.retries:
        try:
            return _understand(retry)
        except UsageError as again:
            found = _repaired(again, left - 1) if left > 1 else None
            if found is not None:
                return found
    return None


def _understand(line: TypedLine) -> Command:
    words = _words(line)
    sub = _sub_command(words)
    if line.help or (sub is not None and sub.makes is Help):
        return Help(topic=_topic(line, words))
    if line.wrong is not None:
        retries = (replace(line, wrong=None),) if line.repaired else ()
        raise UsageError(line.wrong.problem, line.wrong.word, retries)
    if not words:
        return _alone(line)
    if sub is None:
        raise _no_such_sub_command(line, words)
    values, notes = flag_values(sub, line)
    values |= _positional_values(sub, line, words[1:])
    if sub.makes is ActOnWorkflow:
        values["action"] = ActionName(sub.name)
    command = sub.makes(notes=notes, **values)
    if isinstance(command, CreateWorkflow):
        check_create(command)
    return command


def _positional_values(sub: SubCommand, line: TypedLine, words: tuple[str, ...]) -> Values:
    """The values of the words; where they cannot be right, they may be the rest of a reason."""
    try:
        return positional_values(sub, line, words)
    except UsageError as error:
        quoted = unquoted(line)
        if quoted is None:
            raise
        problem = f"{error.problem} A reason of several words needs quotes."
        raise UsageError(problem, error.word, (quoted, *error.retries)) from None


def _alone(line: TypedLine) -> Command:
    """A line without a sub-command. Pasted from a terminal, it asks what that would: for help."""
    other = [
        one for one in line.used if one.flag is not flags.ORG or not names.fits(Thing.ORGANIZATION, one.value)
    ]
    if other or any(word.lower() == "pscale" for word in line.words):
        return Help()
    return Start(organization=line.used[-1].value if line.used else None)


def _words(line: TypedLine) -> tuple[str, ...]:
    """The words without what a pasted line has before the sub-command."""
    words = line.words
    if words[:1] == ("$",):
        words = words[1:]
    if words and words[0].lower() == "pscale":
        words = words[1:]
    if words and words[0].lower() in {"workflow", "/workflow"}:
        words = words[1:]
    return words


def _sub_command(words: tuple[str, ...]) -> SubCommand | None:
    return grammar.BY_NAME.get(names.plain_hyphens(words[0]).lower()) if words else None


def _topic(line: TypedLine, words: tuple[str, ...]) -> str | None:
    if words and words[0].lower() == "help":
        words = words[1:]
    if not words:
        return None
    sub = _sub_command(words)
    if sub is None:
        raise _no_such_sub_command(replace(line, help=True), words)
    return sub.name


def _a_database(line: TypedLine, word: str, near: Nearest | None) -> tuple[TypedLine, ...]:
    """The list of a database of which only the name was typed. A sub-command of which letters are missing,
    swapped or too many is none; where one letter is another (`shop`, `show`), it may be either."""
    typed = names.plain_hyphens(word).lower()
    letters = near is not None and (len(near.word) != len(typed) or sorted(near.word) == sorted(typed))
    if letters or line.help or typed in grammar.MEANT:
        return ()
    fits = names.fits(Thing.DATABASE, word) or names.repaired(Thing.DATABASE, word)
    return (replace(line, words=("list", word)),) if fits else ()


def _no_such_sub_command(line: TypedLine, words: tuple[str, ...]) -> UsageError:
    """Offers a whole line only for a clear misspelling, or where the action can be had back."""
    problem = f"There is no sub-command {shown(words[0])}."
    typed = names.plain_hyphens(words[0]).lower()
    for glue in ("-", ""):
        both = (typed + glue + names.plain_hyphens(words[1]).lower()) if len(words) > 1 else ""
        if both in grammar.BY_NAME:
            return UsageError(problem, both, (replace(line, words=(both, *words[2:])),))
    near = nearest(typed, grammar.BY_NAME)
    if len(words) == 1 and (only := _a_database(line, words[0], near)):
        return UsageError(problem, None, only, replace(line, words=(near.word,)) if near else None)
    meant = grammar.MEANT.get(typed) or (near.word if near else None)
    forgotten = (replace(line, words=("show", *words)),) if len(words) == 2 and names.number(words[1]) else ()
    if meant is None:
        return UsageError(problem, retries=forgotten)
    clear = near is not None and near.clear and near.word == meant and typed not in grammar.MEANT
    if grammar.BY_NAME[meant].final and not clear:
        return UsageError(problem, meant)
    with_it = (replace(line, words=(meant, *words[1:])),)
    # “shop 3” is a workflow to be shown rather than a misspelt “show 3”.
    return UsageError(problem, meant, (*forgotten, *with_it) if meant == "show" else (*with_it, *forgotten))
