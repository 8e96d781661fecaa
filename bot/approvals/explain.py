"""What is wrong with a policy file, in one line for the person who wrote it."""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any, Final, NamedTuple

from pydantic import BaseModel

from bot.approvals.terms import ACTION_WORDS, DatabaseSection, OrganizationSection, RecordsSection, Section

_LONGEST_SHOWN: Final = 24
"""Longer values are not repeated: what was put in the wrong place may be a token."""


class _ErrorForm(NamedTuple):
    """What a key, or one item of its list, may be (to follow "is not"), and a right example."""

    example: str
    whole: str
    item: str = ""


_ACTIONS: Final = "a list of actions", "an action"
_VARIABLE: Final = "the name of an environment variable, in capital letters"
_PEOPLE: Final = "a list of ids", "a user id (U… or W…) or a user-group id (S…)"
_FORMS: Final[Mapping[str, _ErrorForm]] = {
    "peer": _ErrorForm('peer = ["switch-traffic", "cutover", "complete", "cancel"]', *_ACTIONS),
    "confirm": _ErrorForm('confirm = ["reverse-traffic", "reverse-cutover", "retry"]', *_ACTIONS),
    "required": _ErrorForm("required = 1", "a whole number from 1 to 20"),
    "expires_after": _ErrorForm('expires_after = "30m"', "a duration from 1s to 7d"),
    "approvers": _ErrorForm('approvers = ["U012ABCDEF", "S012ABCDEF"]', *_PEOPLE),
    "requesters": _ErrorForm('requesters = ["U012ABCDEF", "S012ABCDEF"]', *_PEOPLE),
    "soak": _ErrorForm('soak = "1h"', "a duration from 0s to 30d"),
    "notify": _ErrorForm('notify = ["S012ABCDEF"]', *_PEOPLE),
    "direct": _ErrorForm("direct = true", "true or false"),
    "reason": _ErrorForm('reason = ["cutover", "cancel"]', *_ACTIONS),
    "deny_reason": _ErrorForm("deny_reason = false", "true or false"),
    "channel": _ErrorForm('channel = "C012ABCDEF"', "a channel id (C… or G…)"),
    "allow_shared_channels": _ErrorForm("allow_shared_channels = false", "true or false"),
    "hide_errors": _ErrorForm("hide_errors = false", "true or false"),
    "keep": _ErrorForm('keep = "400d"', "a duration from 30d to 3650d"),
    "match": _ErrorForm('match = "prod-*"', "a pattern for database names"),
    "organization": _ErrorForm('organization = "acme-eu"', "the name of an organization"),
    "name": _ErrorForm('name = "acme-eu"', "the name of an organization"),
    "token_id": _ErrorForm('token_id = "ACME_EU_TOKEN_ID"', _VARIABLE),
    "token": _ErrorForm('token = "ACME_EU_TOKEN"', _VARIABLE),
    "databases": _ErrorForm('databases = ["shop", "crm"]', "a list of databases", "the name of a database"),
}
_NEVER_SHOWN: Final = frozenset({"token_id", "token"})
_SECTIONS: Final = {
    "approvals": "[approvals]",
    "database": "[[database]]",
    "organization": "[[organization]]",
    "records": "[records]",
}
_MODELS: Final[Mapping[str, type[BaseModel]]] = {
    "approvals": Section,
    "database": DatabaseSection,
    "organization": OrganizationSection,
    "records": RecordsSection,
}
_EXAMPLE: Final[Mapping[type[BaseModel], str]] = {RecordsSection: "keep"}
"""The key by which a right line is shown where none was meant; elsewhere `required`."""
_TITLES: Final = {"organization": "name", "database": "match"}
"""The key that tells one of several sections from the others."""


def explain(kind: str, loc: tuple[int | str, ...], value: object, data: Mapping[str, Any]) -> str:
    """The line for one of pydantic's errors: its type, its place, the value there, and the whole file."""
    top, *inner = loc
    if kind == "extra_forbidden" and not inner:
        return _unknown_section(str(top))
    name, section = str(top), _SECTIONS[str(top)]
    if name in _TITLES:
        if not inner:
            return (
                f"{section}: {shown(value)} is not a list of sections: write two brackets. Right: {section}"
            )
        section = _one_of(name, int(inner.pop(0)), data)
    if not inner:
        return f"{section}: {shown(value)} is not a section. Right: {_SECTIONS[name]}"
    key, *item = inner
    if kind == "extra_forbidden":
        return _unknown_key(section, _MODELS[name], str(key))
    form = _FORMS[str(key)]
    if kind == "missing":
        return f"{section} {key}: is missing. Right: {form.example}"
    wanted = form.item if item else form.whole
    more = _which_action(value) if wanted == _ACTIONS[1] else "."
    said = "what stands there" if key in _NEVER_SHOWN else shown(value)
    return f"{section} {key}: {said} is not {wanted}{more} Right: {form.example}"


def shown(value: object) -> str:
    """A value as the file has it, where it is short and plain; else what kind of thing it is."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int) and abs(value) < 10**9:
        return str(value)
    if isinstance(value, str):
        plain = len(value) <= _LONGEST_SHOWN and value.isprintable()
        return f'"{value}"' if plain else "that text"
    if isinstance(value, list | tuple):
        return "a list"
    return "a section" if isinstance(value, dict) else "that value"


def _one_of(name: str, place: int, data: Mapping[str, Any]) -> str:
    section = data[name][place]
    title = shown(section.get(_TITLES[name])) if isinstance(section, dict) else ""
    return f"{_SECTIONS[name]} {title}" if title.startswith('"') else f"{_SECTIONS[name]} number {place + 1}"


def _unknown_section(name: str) -> str:
    form = _FORMS.get(name)
    if form:
        home = _homes(name)[0]
        return f"{name}: stands above all sections. Right: {home} on a line, {form.example} on the next"
    hint = _meant(name, _SECTIONS)
    *others, last = _SECTIONS.values()
    meant = f"did you mean {hint}?" if hint else f"there are {', '.join(others)} and {last}."
    return f"{shown(name)}: there is no such section; {meant} Right: {_SECTIONS[hint or 'approvals']}"


def _unknown_key(section: str, model: type[BaseModel], name: str) -> str:
    if name in _FORMS:
        return (
            f"{section} {name}: is a key for {' and '.join(_homes(name))} only. Right: {_FORMS[name].example}"
        )
    keys = model.model_fields
    hint = _meant(name.replace("-", "_"), keys)
    meant = f"did you mean {hint}?" if hint else f"there are {', '.join(keys)}."
    example = _FORMS[hint or _EXAMPLE.get(model, "required")].example
    return f"{section} {shown(name)}: there is no such key; {meant} Right: {example}"


def _homes(key: str) -> list[str]:
    """The sections in which a key may stand."""
    return [_SECTIONS[name] for name, model in _MODELS.items() if key in model.model_fields]


def _which_action(value: object) -> str:
    hint = _meant(value, ACTION_WORDS)
    return f'; did you mean "{hint}"?' if hint else f"; there are {', '.join(ACTION_WORDS)}."


def _meant(value: object, known: Iterable[str]) -> str | None:
    """The known word that was probably meant."""
    close = get_close_matches(value[:40].lower(), list(known), n=1) if isinstance(value, str) else []
    return close[0] if close else None
