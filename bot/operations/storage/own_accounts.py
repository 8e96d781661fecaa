"""The account in whose name the other side notes what the bot does, for each organization.

Plain functions of a connection, for `Database.write` and `Database.read`.
"""

from typing import Any, Final

from sqlalchemy import Connection, bindparam, select, update

from bot.store.engine.statements import insert_new
from bot.store.schema import own_accounts as accounts

# Made once: to make them takes longer than to carry them out.
_KNOWN: Final = select(accounts.c.account).where(accounts.c.organization == bindparam("of_organization"))
_NEWER: Final = update(accounts).where(
    accounts.c.organization == bindparam("of_organization"), accounts.c.attempt_id < bindparam("newer_than")
)
"""Sets the columns that it is given."""


def known(connection: Connection, organization: str) -> Any:
    """The bot's own account there, as JSON, as it was last named; `None` before it was ever named."""
    return connection.scalar(_KNOWN, {"of_organization": organization})


def learn(connection: Connection, organization: str, account: Any, attempt: int) -> None:
    """Keep, as JSON, whom the other side named for the request `attempt`, which it took.

    The latest request counts, so another token's account takes the place of the one before. Of one request
    the first name counts: whom it names for the same later is somebody who did it again.
    """
    values = {"account": account, "attempt_id": attempt}
    if insert_new(connection, accounts, {"organization": organization, **values}):
        return
    connection.execute(_NEWER, {"of_organization": organization, "newer_than": attempt, **values})
