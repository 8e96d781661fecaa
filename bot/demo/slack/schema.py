"""A small language for saying what a block may look like. A check adds what is wrong to a list."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

Problems = list[str]
Check = Callable[[object, str, Problems], None]
"""Looks at a value that stands at a JSON pointer."""


def wrong(problems: Problems, path: str, what: str) -> None:
    """Note a problem in Slack's form."""
    problems.append(f"[ERROR] {what} [json-pointer:{path}]")


@dataclass(frozen=True, slots=True)
class Shape:
    """An object: its fields, which of them must be there, and what no field can say alone."""

    fields: Mapping[str, Check]
    required: tuple[str, ...] = ()
    one_of: tuple[str, ...] = ()
    """At least one of these must be there."""
    beyond: Check | None = None

    def __call__(self, value: object, path: str, problems: Problems) -> None:
        if not isinstance(value, dict):
            return wrong(problems, path, "must be an object")
        for name in self.required:
            if name not in value:
                wrong(problems, path, f"missing required field: {name}")
        if self.one_of and not any(value.get(name) for name in self.one_of):
            wrong(problems, path, f"missing required field: {' or '.join(self.one_of)}")
        for name, item in value.items():
            if name == "type":
                continue
            check = self.fields.get(name)
            if check is None:
                wrong(problems, f"{path}/{name}", f"invalid additional property: {name}")
            else:
                check(item, f"{path}/{name}", problems)
        if self.beyond:
            self.beyond(value, path, problems)
        return None


def string(most: int, least: int = 1) -> Check:
    """A string of so many characters."""

    def check(value: object, path: str, problems: Problems) -> None:
        if not isinstance(value, str):
            wrong(problems, path, "must be a string")
        elif len(value) < least:
            wrong(problems, path, f"must be more than {least - 1} characters")
        elif len(value) > most:
            wrong(problems, path, f"must be less than {most + 1} characters")

    return check


def whole(least: int, most: int) -> Check:
    """A whole number in a range."""

    def check(value: object, path: str, problems: Problems) -> None:
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            wrong(problems, path, f"must be a whole number from {least} to {most}")

    return check


def number(value: object, path: str, problems: Problems) -> None:
    """A number, with or without a fraction."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        wrong(problems, path, "must be a number")


def flag(value: object, path: str, problems: Problems) -> None:
    """True or false."""
    if not isinstance(value, bool):
        wrong(problems, path, "must be a boolean")


def anything(value: object, path: str, problems: Problems) -> None:
    """Not looked at."""


def word(*allowed: str) -> Check:
    """One of a few words."""

    def check(value: object, path: str, problems: Problems) -> None:
        if value not in allowed:
            wrong(problems, path, f"must be one of: {', '.join(allowed)}")

    return check


def many(item: Check, most: int, least: int = 1, unique: str | None = None) -> Check:
    """A list of so many; with `unique`, no two may have the same value in that field."""

    def check(value: object, path: str, problems: Problems) -> None:
        if not isinstance(value, list):
            return wrong(problems, path, "must be an array")
        if len(value) < least:
            wrong(problems, path, f"no fewer than {least} items allowed")
        if len(value) > most:
            wrong(problems, path, f"no more than {most} items allowed")
        for place, entry in enumerate(value):
            item(entry, f"{path}/{place}", problems)
        if unique:
            for name in repeated(entry.get(unique) for entry in value if isinstance(entry, dict)):
                wrong(problems, path, f'`{unique}` "{name}" already exists')
        return None

    return check


def repeated(names: Iterable[object]) -> list[str]:
    """The names that come more than once."""
    seen: set[str] = set()
    twice: list[str] = []
    for name in names:
        if isinstance(name, str):
            if name in seen:
                twice.append(name)
            seen.add(name)
    return twice


def typed(shapes: Mapping[str, Shape], *allowed: str) -> Check:
    """An object whose `type` names its shape. Without `allowed`, every shape of the table is."""

    def check(value: object, path: str, problems: Problems) -> None:
        kind = value.get("type") if isinstance(value, dict) else None
        names = allowed or tuple(shapes)
        if kind not in names:
            wrong(problems, f"{path}/type", f"unsupported type: {kind}")
        else:
            shapes[kind](value, path, problems)

    return check
