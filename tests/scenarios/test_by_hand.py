"""Where the bot cannot act: the line that does the same without it, and only where that is safe to say."""

import pytest

from bot.demo.slack.people import ANA, BEN
from tests.scenarios.conftest import Stage

REPLICAS = "switch-traffic shop 3 --replicas-only"
BY_HAND = "pscale workflow switch-traffic shop 3 --replicas-only --org acme"


async def test_a_token_that_may_not_read(http_stage: Stage) -> None:
    """Where PlanetScale refuses the bot's token, the requester gets the line; who should agree is said."""
    stage = http_stage
    stage.planetscale.add_workflow("shop", 3, "switched_replicas")
    stage.planetscale.trouble("unauthorized", times=None)
    assert (await stage.type(REPLICAS)).splitlines() == [
        "PlanetScale does not accept the bot's token. Whoever runs the bot has to renew it.",
        "Nothing was sent.",
        f"If it cannot wait, with a second person's consent: {BY_HAND}",
    ]
    assert (await stage.type("reverse-traffic shop 3")).splitlines()[-1] == (
        "If it cannot wait: pscale workflow reverse-traffic shop 3 --org acme"
    )
    assert stage.changes == []


@pytest.mark.parametrize(
    ("typed", "line"),
    [
        ("show shop 3", "Without this bot: pscale workflow show shop 3 --org acme"),
        ("list shop", "Without this bot: pscale workflow list shop --org acme"),
    ],
)
async def test_what_cannot_be_read_can_be_looked_at(http_stage: Stage, typed: str, line: str) -> None:
    """An answer that could not be read names the line that reads it, and can be tried again by a press."""
    stage = http_stage
    stage.planetscale.add_workflow("shop", 3, "verified_data")
    stage.planetscale.trouble("forbidden", on="read")
    answer = (await stage.type(typed)).splitlines()
    page = " [Open in PlanetScale]" if "show" in typed else ""
    assert answer[-2:] == [line, f"[Try again]{page}"]
    assert "shop" in await stage.press(ANA, "qa_run.1", stage.private())


async def test_a_change_that_the_token_may_not_make(http_stage: Stage) -> None:
    """A refusal of the token, read back as unchanged, leaves the line on the card for those who agreed."""
    stage = http_stage
    stage.planetscale.add_workflow("shop", 3, "verified_data")
    await stage.type(REPLICAS)
    stage.planetscale.trouble("forbidden", on="mutation")
    await stage.press(BEN, "op_approve")
    await stage.pass_time(5)
    assert f"If it cannot wait: {BY_HAND}" in stage.read()


async def test_a_refusal_of_the_request_itself_names_no_way_around(http_stage: Stage) -> None:
    """What PlanetScale refuses for what it is would be refused without the bot as well."""
    stage = http_stage
    stage.planetscale.add_workflow("shop", 3, "verified_data")
    await stage.type(REPLICAS)
    stage.planetscale.trouble("refuse", on="mutation")
    await stage.press(BEN, "op_approve")
    await stage.pass_time(5)
    assert "PlanetScale refused" in stage.read()
    assert "pscale" not in stage.read()


async def test_nobody_is_sent_around_the_bot_while_something_is_open(http_stage: Stage) -> None:
    """While the outcome of an earlier request is not known, no answer and no card names the line."""
    stage = http_stage
    stage.planetscale.add_workflow("shop", 3, "verified_data")
    await stage.type(REPLICAS)
    stage.planetscale.trouble("cut-off", on="mutation")
    await stage.press(BEN, "op_approve")
    assert stage.read().splitlines()[1].startswith("Outcome not known")
    silence = stage.planetscale.trouble("unauthorized", on="read", times=None)
    for typed in ("reverse-traffic shop 3", REPLICAS):
        assert "pscale workflow" not in await stage.type(typed)
    assert "pscale workflow" not in "\n".join(stage.cards())
    stage.planetscale.lift(silence)
    await stage.pass_time(150, 10)
    assert "Not seen to happen" in stage.read().splitlines()[1]
    stage.planetscale.trouble("unauthorized", on="read", times=None)
    assert "pscale workflow" not in await stage.type("reverse-traffic shop 3")
