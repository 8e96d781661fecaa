"""A token of PlanetScale that was replaced is used without a restart."""

from collections.abc import Sequence

import structlog.testing

from bot.settings import Settings, SettingsError
from bot.token_rotation import TokenRotation
from tests.scenarios.conftest import Stage, http_stage, no_tls

__all__ = ["http_stage", "no_tls"]


async def test_a_rotated_token(http_stage: Stage) -> None:
    """Once the bot was told to look, it asks with the new token; the old one and the new stay out of logs."""
    stage, hidden = http_stage, list[str]()
    stage.planetscale.add_workflow("shop", 3, "copying")
    stage.planetscale.credentials = "new-id:pscale_tkn_new"
    assert "does not accept the bot's token" in await stage.type("show shop 3")
    renewed = stage.house.move_in(
        stage.url, PLANETSCALE_SERVICE_TOKEN_ID="new-id", PLANETSCALE_SERVICE_TOKEN="pscale_tkn_new"
    )
    _rotation(stage, renewed, hidden)()
    assert "orders-to-customer" in await stage.type("show shop 3")
    assert set(stage.settings.secrets) | {"pscale_tkn_new"} <= set(hidden)


async def test_a_settings_file_that_is_wrong(http_stage: Stage) -> None:
    """What cannot be read changes nothing: the bot goes on with the tokens that it has, and says so."""
    stage = http_stage
    stage.planetscale.add_workflow("shop", 3, "copying")
    with structlog.testing.capture_logs() as lines:
        _rotation(stage, SettingsError(["PLANETSCALE_SERVICE_TOKEN is missing."]), [])()
    assert [line["event"] for line in lines] == ["tokens_not_read"]
    assert "orders-to-customer" in await stage.type("show shop 3")


def _rotation(stage: Stage, found: Settings | SettingsError, hidden: list[str]) -> TokenRotation:
    def read() -> Settings:
        if isinstance(found, SettingsError):
            raise found
        return found

    def hide(secrets: Sequence[str]) -> None:
        hidden.extend(secrets)

    return TokenRotation(stage.settings, stage.bot.planetscale, read, hide)
