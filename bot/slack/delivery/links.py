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
        query = select(messages.c.posted_channel, messages.c.ts).where(
            messages.c.key.in_((key, again(key))),
            messages.c.ts.is_not(None),
            ~messages.c.posted_channel.startswith(DIRECT),
        )
        row = connection.execute(query.order_by(messages.c.id)).first()
        if row is None or not row[0] or not self._home_url:
            return None
        return f"{self._home_url}/archives/{row[0]}/p{row[1].replace('.', '')}"
