"""Addresses of messages, as far as they are in Slack."""

from sqlalchemy import Connection, select

from bot.store.schema import messages


class Links:
    """`home_url`: the workspace's address at Slack."""

    def __init__(self, home_url: str) -> None:
        self._home_url = home_url.rstrip("/")

    def to(self, connection: Connection, key: str) -> str | None:
        """The address of the message that the board knows by `key`, once it is in Slack."""
        query = select(messages.c.posted_channel, messages.c.ts).where(
            messages.c.key == key, messages.c.ts.is_not(None)
        )
        row = connection.execute(query).first()
        if row is None or not row[0] or not self._home_url:
            return None
        return f"{self._home_url}/archives/{row[0]}/p{row[1].replace('.', '')}"
