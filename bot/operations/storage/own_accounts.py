"""The account in whose name the other side notes what the bot does, for each organization.

Plain functions of a connection, for `Database.write` and `Database.read`.
"""

from typing import Any

from sqlalchemy import Connection, select, update

from bot.store.engine.statements import insert_new
from bot.store.schema import own_accounts as accounts


def known(connection: Connection, organization: str) -> Any:
    """The bot's own account there, as JSON, as it was last named; `None` before it was ever named."""
    query = select(accounts.c.account).where(accounts.c.organization == organization)
    return connection.scalar(query)


def learn(connection: Connection, organization: str, account: Any, attempt: int) -> None:
    """Keep, as JSON, whom the other side named for the request `attempt`, which it took.

    The latest request counts, so another token's account takes the place of the one before. Of one request
    the first name counts: whom it names for the same later is somebody who did it again.
    """
    values = {"account": account, "attempt_id": attempt}
    if insert_new(connection, accounts, {"organization": organization, **values}):
        return
    newer = (accounts.c.organization == organization, accounts.c.attempt_id < attempt)
    connection.execute(update(accounts).where(*newer).values(values))
