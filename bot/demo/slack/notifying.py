"""Whom a new message notifies: who reads along there and is mentioned. An edit notifies nobody."""

from collections.abc import Iterator, Mapping, Sequence

from bot.demo.slack.model import Channel, Json

Groups = Mapping[str, tuple[str, Sequence[str]]]
"""User groups by id: handle and members."""


def notified(channel: Channel, author: str, blocks: Sequence[Json], groups: Groups) -> frozenset[str]:
    """Everybody in a direct message; elsewhere those of its members whom a live mention names.

    A group that there is not (any more) names nobody.
    """
    everybody = frozenset(channel.members) - {author}
    return everybody if channel.kind == "dm" else everybody & frozenset(_named(list(blocks), groups))


def _named(value: object, groups: Groups) -> Iterator[str]:
    if isinstance(value, dict):
        if value.get("type") == "user":
            yield str(value.get("user_id"))
        elif value.get("type") == "usergroup":
            yield from groups.get(str(value.get("usergroup_id")), ("", ()))[1]
        value = list(value.values())
    if isinstance(value, list):
        for inner in value:
            yield from _named(inner, groups)
