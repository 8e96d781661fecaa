"""What is said of a database whose workflows PlanetScale answers with a 404.

A token without the access gets the same 404 as one that asks for what does not exist. If the token can list
the database, it is the access; otherwise it may be either.
"""

from collections.abc import Iterable

from bot.planetscale.errors import PlanetScaleError
from bot.planetscale.organizations import Organizations

ACCESS_LACKS = "Whoever runs the bot has to grant it. `workflow-bot check` says what is missing."


def unseen(database: str, organization: str, seen: Iterable[str]) -> str:
    """The sentence; `seen`: the databases that the token lists."""
    if database in seen:
        return f"PlanetScale knows {database}, but the bot's token may not read its workflows."
    return f"There is no database {database} in {organization} that this bot can see."


def missing(database: str, organization: str, seen: Iterable[str]) -> str:
    """The same for somebody who asked for an action there: with the way to those that there are."""
    known = list(seen)
    said = unseen(database, organization, known)
    return said if database in known else f"{said} All that you may read: `/workflow list`"


async def databases_seen(planetscale: Organizations, organization: str) -> list[str]:
    """What the token lists; nothing where it may not, or where that cannot be read now."""
    try:
        return [one.name for one in await planetscale.of(organization).databases(organization)]
    except PlanetScaleError:
        return []
