"""What a token may read, found by reading. What it may create and change can only be found by doing it."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from bot.planetscale.client import PlanetScale
from bot.planetscale.errors import FailureKind, PlanetScaleError

_LACKING: Final = frozenset((FailureKind.NOT_FOUND, FailureKind.FORBIDDEN))
"""PlanetScale answers a missing access with a 404, by its documentation."""


@dataclass(frozen=True, slots=True)
class Tried:
    """What was found of one token."""

    lacking: tuple[str, ...] = ()
    """A sentence for each thing that it may not read."""
    readable: str = ""
    """What it may read, to follow a line that says that it is good."""


async def tried(client: PlanetScale, organization: str, databases: Sequence[str]) -> Tried:
    """Read what the bot needs of these databases. Raises `PlanetScaleError` for any other failure."""
    lacking: list[str] = []
    for database in databases:
        lacking += [_sentence(what, database) for what in await _lacking(client, organization, database)]
    if not databases or lacking:
        return Tried(tuple(lacking))
    named = ", ".join(databases[:3]) + (f" and {len(databases) - 3} more" if len(databases) > 3 else "")
    return Tried(readable=f" · reads what it needs of {named} · what it may change shows when it is asked to")


def _sentence(what: str, database: str) -> str:
    return (
        f"the token may not read {what} of {database} (PlanetScale answers as if there were none). "
        "Grant it; the page of each endpoint in PlanetScale's API reference names its access."
    )


async def _lacking(client: PlanetScale, organization: str, database: str) -> list[str]:
    place = (organization, database)
    lacking = []
    if await _read(lambda: client.workflows(*place)) is None:
        lacking.append("workflows")
    branches = await _read(lambda: client.branches(*place))
    if branches is None:
        return [*lacking, "branches, keyspaces and schemas"]
    if branches:
        branch = next((one for one in branches if one.production), branches[0]).name
        lacking += await _lacking_of_branch(client, (*place, branch))
    return lacking


async def _lacking_of_branch(client: PlanetScale, place: tuple[str, str, str]) -> list[str]:
    lacking = []
    keyspaces = await _read(lambda: client.keyspaces(*place))
    if keyspaces is None:
        lacking.append("keyspaces")
    elif keyspaces:
        name = keyspaces[0].name
        if await _read(lambda: client.schema(*place, name)) is None:
            lacking.append("schemas")
        if await _read(lambda: client.vschema(*place, name)) is None:
            lacking.append("VSchemas")
    if await _read(lambda: client.backups(*place)) is None:
        lacking.append("backups")
    return lacking


async def _read(look: Callable[[], Awaitable[Any]]) -> Any:
    """What is there; `None` where the token may not read it."""
    try:
        return await look()
    except PlanetScaleError as error:
        if error.kind in _LACKING:
            return None
        raise
