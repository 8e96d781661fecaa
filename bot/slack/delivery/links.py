"""Addresses of messages, as far as they are in Slack."""

from sqlalchemy import Connection, select

from bot.store.schema import messages

DIRECT = "D"
"""How the ids of direct messages begin: nobody but the person and the bot can open what stands there."""


def again(key: str) -> str:
    """The key of the second message that shows what `key` shows, where others can see it."""
    return f"{key}:again"


class Links:
    """`home_url`: the workspace's address at Slack."""

    def __init__(self, home_url: str) -> None:
        self._home_url = home_url.rstrip("/")

    def to(self, connection: Connection, key: str) -> str | None:
        """The address of what the board knows by `key`, once it is in Slack where others can open it."""
        place = place_of(connection, key)
        if place is None or not self._home_url:
            return None
        channel, ts = place
        return f"{self._home_url}/archives/{channel}/p{ts.replace('.', '')}"


def place_of(connection: Connection, key: str) -> tuple[str, str] | None:
    """Channel and `ts` of what the board knows by `key`, once others can open it."""
    query = select(messages.c.posted_channel, messages.c.ts).where(
        messages.c.key.in_((key, again(key))),
        messages.c.ts.is_not(None),
        ~messages.c.posted_channel.startswith(DIRECT),
    )
    row = connection.execute(query.order_by(messages.c.id)).first()
    return (row[0], row[1]) if row and row[0] else None
