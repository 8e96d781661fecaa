"""What may be submitted, and at which field the rest is shown. Names follow the rules of typed commands."""

import re
from collections.abc import Iterable, Mapping
from typing import Final

from bot.commands import names, reason
from bot.commands.names import Thing
from bot.commands.secret import find_secret
from bot.slack.cards.blocks.rich import At, one_line, shorten
from bot.slack.cards.forms.draft import Draft
from bot.slack.cards.forms.fields import Field
from bot.subjects.findings import Finding
from bot.workflows.facts.moments import parts_of

Errors = dict[Field, str]

LONGEST_ERROR: Final = 250
_SHOWN: Final = 40
_QUOTED: Final = re.compile("`([^`]*)`")
"""Code style, which an error in a form does not have."""

_KEYSPACES: Final = (Field.SOURCE, Field.TARGET, Field.SHARED)
_PLACES: Final[Mapping[str, tuple[Field, ...]]] = {
    "no-keyspace": _KEYSPACES,
    "not-ready": _KEYSPACES,
    "same-keyspace": (Field.TARGET,),
    "global-keyspace": (Field.SHARED,),
    "no-table": (Field.TABLES,),
}
"""Where a check's block belongs, by its code. No field could mend the others: they are about the place."""
_TWIN: Final = "twin"
"""The same was asked for already: the request itself finds out, and says so with a link."""


def check(draft: Draft, *, asks_why: bool = False) -> Errors:
    """What is missing or wrong, by field. Empty: PlanetScale may be asked about it.

    `asks_why`: the policy wants to know why.
    """
    errors = _reason(draft, asks_why=asks_why)
    if not draft.name:
        errors[Field.NAME] = "The workflow needs a name."
    elif find_secret(draft.name):
        errors[Field.NAME] = (
            "That looks like a secret, so it was not taken. A token that was typed here should be replaced."
        )
    elif wrong := _wrong(Thing.WORKFLOW, draft.name):
        errors[Field.NAME] = wrong
    errors |= _keyspace(Field.SOURCE, draft.source, "Choose the keyspace that has the tables now.")
    errors |= _keyspace(Field.TARGET, draft.target, "Choose the keyspace that the tables move to.")
    if draft.target and draft.target == draft.source:
        errors[Field.TARGET] = "Source and target are the same keyspace."
    if draft.shared:
        errors |= _keyspace(Field.SHARED, draft.shared, "")
        if draft.shared == draft.target:
            errors[Field.SHARED] = "Global keyspace and target are the same keyspace."
    if draft.every:
        pass  # whatever was chosen one by one before
    elif not draft.tables:
        errors[Field.TABLES] = "Choose at least one table, or all of them."
    elif wrong := next(filter(None, (_wrong(Thing.TABLE, table) for table in draft.tables)), None):
        errors[Field.TABLES] = wrong
    return errors


def at_fields(blocks: Iterable[Finding], draft: Draft) -> Errors:
    """The blocks of the checks that are about a field, each at that field."""
    errors: Errors = {}
    for finding in blocks:
        if finding.code in _PLACES:
            field = _field_of(finding, draft)
            so_far = errors.get(field)
            sentence = _plain(finding)
            errors[field] = shorten(f"{so_far} {sentence}" if so_far else sentence, LONGEST_ERROR)
    return errors


def about_the_place(blocks: Iterable[Finding]) -> tuple[str, ...]:
    """The other blocks, as sentences: no choice in the form would mend them."""
    return tuple(_plain(one) for one in blocks if one.code not in _PLACES and one.code != _TWIN)


def _plain(finding: Finding) -> str:
    told = (one if isinstance(one, str) else At(one).fallback for one in parts_of(finding.sentence))
    return _QUOTED.sub(r"“\1”", one_line("".join(told)))


def _field_of(finding: Finding, draft: Draft) -> Field:
    places = _PLACES[finding.code]
    chosen = {Field.SOURCE: draft.source, Field.TARGET: draft.target, Field.SHARED: draft.shared}
    return next((field for field in places if chosen.get(field) == finding.about), places[0])


def _reason(draft: Draft, *, asks_why: bool) -> Errors:
    said = reason.wrong_with(draft.reason) if draft.reason or asks_why else None
    return {Field.REASON: said} if said else {}


def _keyspace(field: Field, name: str, missing: str) -> Errors:
    said = _wrong(Thing.KEYSPACE, name) if name else missing
    return {field: said} if said else {}


def _wrong(thing: Thing, name: str) -> str | None:
    if names.fits(thing, name):
        return None
    what = thing if thing is Thing.WORKFLOW else f"{thing} name"
    said = f"“{one_line(shorten(name, _SHOWN))}” is not a {what}: {names.rule(thing)}."
    return shorten(said, LONGEST_ERROR)
