"""The bot's token lacks an access: PlanetScale answers 404, as for what does not exist."""

from bot.demo.slack.people import ANA
from tests.scenarios.conftest import A_DAY, open_stage

MAY_NOT = "PlanetScale knows shop, but the bot's token may not read its workflows."


async def test_workflows_that_the_token_may_not_read() -> None:
    """A question and a request say that the token may not read them, not that the database does not exist."""
    async with open_stage() as stage:
        stage.planetscale.add_workflow("shop", 3, "switched_primaries", ago=A_DAY)
        for on in ("list", "get"):
            stage.planetscale.trouble("not-found", on=on, times=None)
        for line in ("list shop", "show shop 3", "reverse-traffic shop 3", "cutover shop 3", "cutover shop"):
            assert MAY_NOT in await stage.type(line), line
        assert stage.changes == []


async def test_nothing_that_the_token_may_see() -> None:
    """A token that may not even list databases: what is said holds for both possibilities."""
    async with open_stage() as stage:
        stage.planetscale.add_workflow("shop", 3, "switched_primaries", ago=A_DAY)
        stage.planetscale.trouble("not-found", times=None)
        for line in ("list shop", "show shop 3", "reverse-traffic shop 3"):
            assert "There is no database shop in acme that this bot can see." in await stage.type(line)


async def test_a_change_that_the_token_may_not_make() -> None:
    """What is known is said of a refused change: the workflow is there, so it may be the token."""
    async with open_stage() as stage:
        stage.planetscale.add_workflow("shop", 3, "switched_primaries", ago=A_DAY)
        await stage.type("reverse-traffic shop 3")
        stage.planetscale.trouble("not-found", on="mutation", times=None)
        await stage.press(ANA, "op_confirm", stage.private())
        await stage.pass_time(10)
        card = stage.read()
        assert "It said: Not Found" in card
        assert "or the bot's token may not change workflows." in card
        assert "whoever runs the bot has to look at what the token may do" in card
