"""Which account is the bot's own: one for each organization, by the latest request, and of it the first."""

from bot.operations.storage import own_accounts
from bot.store.engine.database import Database

BOT, RENEWED, DEV = ({"id": name, "display_name": name} for name in ("bot", "bot-2", "dev"))


async def test_the_latest_request_counts(database: Database) -> None:
    """Whom a later request was taken from is the bot now; what an earlier one shows since changes nothing."""
    assert await database.read(own_accounts.known, "acme") is None
    for account, attempt, expected in (
        (BOT, 1, BOT),
        (DEV, 1, BOT),
        (RENEWED, 3, RENEWED),
        (BOT, 2, RENEWED),
    ):
        await database.write(own_accounts.learn, "acme", account, attempt)
        assert await database.read(own_accounts.known, "acme") == expected


async def test_each_organization_has_its_own(database: Database) -> None:
    """An account at one organization says nothing about another."""
    await database.write(own_accounts.learn, "acme", BOT, 1)
    await database.write(own_accounts.learn, "other", {"display_name": "only a name"}, 2)
    assert await database.read(own_accounts.known, "acme") == BOT
    assert await database.read(own_accounts.known, "other") == {"display_name": "only a name"}
    assert await database.read(own_accounts.known, "third") is None
