"""The arguments of a Web API call, however they were sent."""

import json
from collections.abc import Mapping
from typing import Any

from bot.demo.slack.model import Json, SlackError


class Arguments:
    """Reads arguments as their method needs them. Raises `invalid_arguments` for the wrong kind."""

    def __init__(self, given: Mapping[str, Any]) -> None:
        self._given = given

    def has(self, name: str) -> bool:
        """Whether it was sent at all."""
        return self._given.get(name) is not None

    def text(self, name: str, default: str = "") -> str:
        value = self._given.get(name)
        if value is None:
            return default
        if isinstance(value, str | int | float) and not isinstance(value, bool):
            return str(value)
        raise _wrong(name, "must be a string")

    def needed(self, name: str) -> str:
        value = self.text(name)
        if not value:
            raise _wrong(name, "missing required field")
        return value

    def flag(self, name: str, default: bool = False) -> bool:
        value = self._given.get(name)
        return default if value is None else value in (True, 1, "1", "true", "True")

    def number(self, name: str, default: int, most: int) -> int:
        value = self.text(name, str(default))
        if not value.isdecimal() or not 0 < int(value) <= most:
            raise _wrong(name, f"must be a whole number up to {most}")
        return int(value)

    def names(self, name: str) -> list[str]:
        """A list of words, also when sent as `a,b`."""
        value = self._given.get(name)
        if isinstance(value, list):
            return [str(item) for item in value]
        return [item for item in self.text(name).split(",") if item]

    def objects(self, name: str, error: str = "invalid_blocks_format") -> list[Json]:
        """A list of objects, also when sent as JSON in a string."""
        value = self._json(name, error)
        if value in (None, ""):
            return []
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            raise SlackError(error)
        return value

    def object(self, name: str) -> Json | None:
        """An object, also when sent as JSON in a string."""
        value = self._json(name, "invalid_arguments")
        if value is not None and not isinstance(value, dict):
            raise _wrong(name, "must be an object")
        return value

    def _json(self, name: str, error: str) -> Any:
        value = self._given.get(name)
        if not isinstance(value, str) or not value:
            return value
        try:
            return json.loads(value)
        except (ValueError, RecursionError):
            raise SlackError(error) from None


def _wrong(name: str, what: str) -> SlackError:
    return SlackError(
        "invalid_arguments", response_metadata={"messages": [f"[ERROR] {what} [json-pointer:/{name}]"]}
    )
