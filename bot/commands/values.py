"""What the words and flags of a line mean to its sub-command: checked, by the command's fields."""

import csv
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any, Final, NoReturn

from bot.commands import flags, grammar, names, reason
from bot.commands.errors import TypedLine, UsageError, Used, joined, shown
from bot.commands.model import CreateWorkflow, Format
from bot.commands.names import Thing
from bot.commands.nearest import nearest
from bot.commands.scan import truth
from bot.commands.shapes import Flag, Positional, SubCommand, ValueKind

_MENTION: Final = re.compile(r"<?@?([UW][A-Z0-9]{2,20})(?:\|[^>]*)?>?")
"""`<@U012ABCDEF|ana>`, or the id alone."""
_LONGEST_NAME: Final = 80

Values = dict[str, Any]
"""By the names of the command's fields."""


def positional_values(sub: SubCommand, line: TypedLine, words: tuple[str, ...]) -> Values:
    """The values of the words after the sub-command.

    Raises:
        UsageError: too few or too many, in the wrong order, or one is no such name.
    """
    wanted = sub.positionals
    if len(words) > len(wanted):
        raise _too_many(sub, line, words)
    if len(words) == 1 and wanted[1:] and wanted[1].thing is Thing.NUMBER and _looks_like_a_number(words[0]):
        return _number(wanted[1], words[0])
    if len(words) < sum(positional.must_be_typed for positional in wanted):
        raise _too_few(sub, words)
    if len(words) == 2 and wanted[1].thing is Thing.NUMBER and _number_first(words):
        problem = "The database comes first, then the workflow's number."
        raise UsageError(problem, retries=(replace(line, words=(sub.name, *words[::-1])),))
    values: Values = {}
    for place in range(len(words)):
        values |= _positional(wanted[place], sub, line, words, place)
    return values


def flag_values(sub: SubCommand, line: TypedLine) -> tuple[Values, tuple[str, ...]]:
    """The values of the flags, and notes on those without effect. The last use wins; lists add up.

    Raises:
        UsageError: a flag of another sub-command, or a value that the flag does not take.
    """
    values: Values = {}
    notes: dict[str, None] = {}
    allowed = grammar.flags_of(sub)
    for used in line.used:
        flag = used.flag
        if flag in flags.MEANINGLESS:
            notes[f"{flag.spelled} means nothing in chat and was ignored."] = None
        elif flag not in allowed:
            raise _belongs_elsewhere(sub, flag, line)
        elif flag.kind is ValueKind.LIST:
            values[flag.field] = tuple(dict.fromkeys((*values.get(flag.field, ()), *_list(used, line))))
        else:
            values[flag.field] = _value(used, sub, line)
    wanted = values.get(flags.FORMAT.field, Format.HUMAN)
    if wanted not in sub.formats:
        written = f"{flags.FORMAT.spelled} {wanted}" if len(sub.formats) > 1 else flags.FORMAT.spelled
        notes[f"{written} has no effect on {sub.name} and was ignored."] = None
    return values, tuple(notes)


def check_create(command: CreateWorkflow) -> None:
    """What `create` needs beyond its single values.

    Raises:
        UsageError: something is missing and no form was asked for, or two keyspaces must not be the same.
    """
    missing = [flag for flag in flags.CREATE if flag.required and not getattr(command, flag.field)]
    if missing and not command.interactive:
        raise UsageError(_are_missing([flag.spelled for flag in missing]))
    target = command.target_keyspace
    if target is not None and target == command.source_keyspace:
        raise UsageError("Source and target are the same keyspace.")
    if target is not None and target == command.global_keyspace:
        raise UsageError("Global keyspace and target are the same keyspace.")


# Words


def _positional(
    positional: Positional, sub: SubCommand, line: TypedLine, words: tuple[str, ...], place: int
) -> Values:
    word = words[place]
    if positional.thing is Thing.NUMBER:
        return _number(positional, word)
    if names.fits(positional.thing, word):
        return {positional.field: word}
    better = names.repaired(positional.thing, word)
    mended = (
        sub.name,
        *words[:place],
        *([better] if better else names.taken_apart(word) or [word]),
        *words[place + 1 :],
    )
    retries = () if mended[1:] == words else (replace(line, words=mended),)
    raise UsageError(_not_a_name(positional.thing, word), retries=retries)


def _number(positional: Positional, word: str) -> Values:
    """A workflow's number; or its name, where that may be typed instead."""
    number = names.number(word)
    if number is not None:
        return {positional.field: number}
    if names.too_large(word):
        problem = f"{shown(word)} is too large: this bot knows numbers up to {names.LARGEST_NUMBER:,}."
        raise UsageError(problem)
    name = names.workflow_name(word) if positional.name_field else None
    if name is None:
        problem = f"{shown(word)} is not a workflow's number: a whole number from 1 on, such as 3 or #3."
        raise UsageError(problem)
    return {positional.name_field: name}


def _number_first(words: tuple[str, ...]) -> bool:
    return names.number(words[0]) is not None and names.number(words[1]) is None


def _looks_like_a_number(word: str) -> bool:
    return names.number(word) is not None or names.too_large(word)


def _too_few(sub: SubCommand, words: tuple[str, ...]) -> UsageError:
    missing = [one.thing for one in sub.positionals[len(words) :] if one.must_be_typed]
    return UsageError(_are_missing([f"the {thing}" for thing in missing]))


def _too_many(sub: SubCommand, line: TypedLine, words: tuple[str, ...]) -> UsageError:
    extra = words[len(sub.positionals)]
    takes = joined([positional.placeholder for positional in sub.positionals]) or "nothing"
    retries = (_with_flag(sub, line, words),) if _flag_of(sub, extra) else _shown_instead(sub, line, words)
    return UsageError(f"{shown(extra)} is one word too many: {sub.name} takes {takes}.", retries=retries)


def _shown_instead(sub: SubCommand, line: TypedLine, words: tuple[str, ...]) -> tuple[TypedLine, ...]:
    """`show`, where one workflow was added to `list`."""
    extra = words[len(sub.positionals)]
    named = names.number(extra) is not None or names.workflow_name(extra) is not None
    return (replace(line, words=("show", *words)),) if sub.name == "list" and named else ()


def _with_flag(sub: SubCommand, line: TypedLine, words: tuple[str, ...]) -> TypedLine:
    """The line with its last word as the flag that it names."""
    taken = len(sub.positionals)
    flag = _flag_of(sub, words[taken])
    used = (Used(flag, "true"),) if flag else ()
    return replace(line, words=(sub.name, *words[:taken]), used=(*line.used, *used))


def _flag_of(sub: SubCommand, word: str) -> Flag | None:
    """The switch of the sub-command that is called like this word, but for its dashes."""
    name = names.plain_hyphens(word).lower()
    return next((flag for flag in sub.flags if flag.name == name and flag.kind is ValueKind.SWITCH), None)


def _are_missing(missing: list[str]) -> str:
    said = joined(missing)
    return f"{said[0].upper()}{said[1:]} {'is' if len(missing) == 1 else 'are'} missing."


# Flags


def _belongs_elsewhere(sub: SubCommand, flag: Flag, line: TypedLine) -> UsageError:
    owners = joined(list(grammar.owners(flag))) or "actions such as cutover"
    problem = f"{flag.spelled} belongs to {owners}, not to {sub.name}."
    without = tuple(used for used in line.used if used.flag is not flag)
    # Who typed another sub-command's flag may have meant that one: nothing final is offered ready to send.
    return UsageError(problem, retries=() if sub.final else (replace(line, used=without),))


def _value(used: Used, sub: SubCommand, line: TypedLine) -> object:
    if used.flag.kind is ValueKind.CHOICE:
        return _choice(used, sub, line)
    if used.flag.kind is ValueKind.SWITCH:
        said = truth(used.value)
        if said is None:
            raise _not_taken(used, ["=true", "=false"])
        return said
    if reads := _READS.get(used.flag.kind):
        return reads(used)
    _check_name(used, used.value, line)
    return used.value


def _choice(used: Used, sub: SubCommand, line: TypedLine) -> object:
    typed = used.value.lower()
    for choice in used.flag.choices:
        if choice.value.value.lower() == typed:
            return choice.value  # one that has no effect on `sub` is noted, not refused
    offered = [choice.value.value for choice in grammar.choices_of(sub, used.flag)]
    near = nearest(typed.replace("_", "-"), [name.lower().replace("_", "-") for name in offered])
    meant = near.word.replace("-", "_") if near and near.clear else None
    retries = (_with_value(line, used, meant),) if meant else ()
    raise _not_taken(used, offered, retries)


def _words(used: Used) -> str:
    """Somebody's own words. What is wrong with them is said without them."""
    if wrong := reason.wrong_with(used.value):
        raise UsageError(wrong)
    return reason.worded(used.value)


def _person(used: Used) -> str:
    """The id of a mention, as Slack may send it; else what the person is called."""
    mention = _MENTION.fullmatch(used.value)
    name = used.value.lstrip("@").strip()
    if mention or not name:
        return mention[1] if mention else _refuse(used, "a person: mention them, such as @ana")
    if len(name) > _LONGEST_NAME or not name.isprintable():
        return _refuse(used, "a person: mention them, such as @ana")
    return name


def _day(used: Used) -> date:
    try:
        return date.fromisoformat(names.plain_hyphens(used.value))
    except ValueError:
        return _refuse(used, "a day, such as 2026-11-01")


def _whole_number(used: Used) -> int:
    found = names.number(used.value)
    return _refuse(used, "a whole number from 1 on") if found is None else found


def _refuse(used: Used, wanted: str) -> NoReturn:
    msg = f"{shown(used.value)} is not a value of {used.flag.spelled}: it takes {wanted}."
    raise UsageError(msg)


_READS: Final[Mapping[ValueKind, Callable[[Used], object]]] = {
    ValueKind.TEXT: _words,
    ValueKind.PERSON: _person,
    ValueKind.DAY: _day,
    ValueKind.NUMBER: _whole_number,
}


def unquoted(line: TypedLine) -> TypedLine | None:
    """The line with all words after a text of one word taken for the rest of it; `None` where there are none.

    Who types on a phone leaves quotes out.
    """
    for used in line.used:
        rest = line.words[used.words_before :]
        if used.flag.kind is ValueKind.TEXT and rest and not used.value.split()[1:]:
            whole = replace(used, value=" ".join((used.value, *rest)))
            others = tuple(whole if one is used else one for one in line.used)
            return replace(line, words=line.words[: used.words_before], used=others)
    return None


def _not_taken(used: Used, takes: list[str], retries: tuple[TypedLine, ...] = ()) -> UsageError:
    problem = f"{shown(used.value)} is not a value of {used.flag.spelled}: it takes {joined(takes, 'or')}."
    return UsageError(problem, retries=retries)


def _list(used: Used, line: TypedLine) -> list[str]:
    """The names of a list, which is CSV as in the CLI; blank ones are dropped."""
    try:
        row = next(csv.reader([used.value], skipinitialspace=True), [])
    except csv.Error:
        problem = f"The value of {used.flag.spelled} is not a list with commas."
        raise UsageError(problem) from None
    items = [item.strip() for item in row if item.strip()]
    for item in items:
        _check_name(used, item, line)
    return items


def _check_name(used: Used, name: str, line: TypedLine) -> None:
    thing = used.flag.thing
    if thing is None or names.fits(thing, name):
        return
    better = names.repaired(thing, name)
    retries = (_with_value(line, used, used.value.replace(name, better)),) if better else ()
    raise UsageError(_not_a_name(thing, name), retries=retries)


def _with_value(line: TypedLine, used: Used, value: str) -> TypedLine:
    """The line with another value for one use of a flag."""
    return replace(
        line, used=tuple(replace(other, value=value) if other is used else other for other in line.used)
    )


def _not_a_name(thing: Thing, word: str) -> str:
    if not word:
        return f"The {thing} is empty."
    if names.repaired(thing, word) == word.lower():
        return f"{shown(word)} has upper-case letters; the name of a {thing} has none."
    what = thing if thing is Thing.WORKFLOW else f"{thing} name"
    article = "an" if thing is Thing.ORGANIZATION else "a"
    return f"{shown(word)} is not {article} {what}: {names.rule(thing)}."
