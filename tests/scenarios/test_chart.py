"""`show --chart`, from the signed payload to the picture in the asker's direct message."""

from bot.demo.slack.people import ANA, BEN
from tests.scenarios.conftest import MOVES, Stage


async def test_a_watched_copy_can_be_drawn(watching_stage: Stage) -> None:
    """Some minutes after a copy is watched, its picture comes to the asker alone, with words for it."""
    stage = watching_stage
    stage.planetscale.add_workflow("shop", 3, "copying", name="orders-to-customer", percent=12.0)
    assert "not watched" in await stage.type("show shop 3 --chart")
    await stage.type("watch shop 3")
    await stage.pass_time(300, step=15)
    told = (await stage.type("show shop 3 --chart")).splitlines()
    assert told[0] == "The picture is in our direct message as the file shop-3.png."
    assert told[1].startswith("Rows copied of shop #3 orders-to-customer, ")
    dm = stage.slack.calls_to("conversations.open")[0].answer["channel"]["id"]
    (file,) = [file for message in stage.slack.messages(dm, ANA) for file in message.files]
    assert file.is_picture
    assert file.alt_text.splitlines()[0] == told[1]
    assert stage.slack.ephemeral_for(BEN) == []
    assert not any(message.files for message in stage.slack.messages(MOVES))
