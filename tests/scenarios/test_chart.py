"""`show --chart`, from the signed payload to the chart in the private answer, or to a picture instead."""

from typing import Any

import pytest

from bot.demo.slack.people import ANA, BEN
from bot.slack.charts import chart_answers
from bot.slack.charts.chart import ChartMissingError
from tests.scenarios.conftest import MOVES, Stage

CHART = "data_visualization"


async def watched(stage: Stage, tables: dict[str, int] | None = None) -> None:
    """A copy that has been watched for some minutes."""
    stage.planetscale.add_workflow(
        "shop", 3, "copying", name="orders-to-customer", percent=12.0, tables=tables or {"orders": 10**8}
    )
    await stage.type("watch shop 3")
    await stage.pass_time(300, step=15)


def charts(stage: Stage) -> list[dict[str, Any]]:
    """The charts in Ana's newest private answer."""
    return [block for block in stage.private().blocks if block["type"] == CHART]


def files(stage: Stage) -> list[Any]:
    """The files in Ana's direct message with the bot."""
    opened = stage.slack.calls_to("conversations.open")
    places = {call.answer["channel"]["id"] for call in opened}
    return [
        file for place in places for message in stage.slack.messages(place, ANA) for file in message.files
    ]


async def mention(stage: Stage) -> None:
    """Ana asks for the chart by mentioning the bot."""
    _, deliveries = await stage.slack.talk(ANA, MOVES, "@Workflow Bot show shop 3 --chart")
    assert all(delivery.ok for delivery in deliveries)
    await stage.settle()


def refuse_charts(stage: Stage) -> None:
    """A workspace that does not know the block."""
    stage.slack.fail("response_url", error="invalid_blocks", times=None, block=CHART)


async def test_a_copy_is_drawn_by_slack_itself(watching_stage: Stage) -> None:
    """Some minutes after a copy is watched the asker alone has its chart, with words for it; no file."""
    stage = watching_stage
    stage.planetscale.add_workflow("shop", 3, "copying", name="orders-to-customer")
    assert "not watched" in await stage.type("show shop 3 --chart")
    await watched(stage)
    told = (await stage.type("show shop 3 --chart")).splitlines()
    assert told[0] == "[chart: Rows copied of shop #3 orders-to-customer]"
    assert told[1].startswith("Rows copied of shop #3 orders-to-customer, ")
    (block,) = charts(stage)
    (series,) = block["chart"]["series"]
    rows = [point["value"] for point in series["data"]]
    assert series["name"] == "orders"
    assert 2 <= len(rows) <= 20
    assert rows == sorted(rows)
    assert files(stage) == []
    assert stage.slack.ephemeral_for(BEN) == []


async def test_where_slack_refuses_charts_there_is_a_picture(watching_stage: Stage) -> None:
    """Where Slack refuses its own chart the picture comes as a file, to the asker alone, and in words."""
    stage = watching_stage
    await watched(stage)
    refuse_charts(stage)
    told = (await stage.type("show shop 3 --chart")).splitlines()
    assert told[0] == "The picture is in our direct message as the file shop-3.png."
    assert told[1] == "Rows copied of shop #3 orders-to-customer, today 02:14 to 02:19."
    (file,) = files(stage)
    assert file.is_picture
    copied, *rest = file.alt_text.splitlines()
    assert copied == "Rows copied of shop #3 orders-to-customer, 23 Nov 02:14 UTC to 02:19 UTC."
    assert rest[:2] == told[2:4]
    assert charts(stage) == []
    assert stage.slack.ephemeral_for(BEN) == []
    assert not any(message.files for message in stage.slack.messages(MOVES))


async def test_without_the_extra(watching_stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that cannot draw still has Slack's own chart; where Slack refuses that, there are words."""

    def missing(_picture: object) -> bytes:
        raise ChartMissingError

    monkeypatch.setattr(chart_answers, "draw", missing)
    stage = watching_stage
    await watched(stage)
    await stage.type("show shop 3 --chart")
    assert len(charts(stage)) == 1
    refuse_charts(stage)
    told = (await stage.type("show shop 3 --chart")).splitlines()
    assert told[0] == "Slack does not take charts here; a picture needs the extra chart on the server."
    assert told[1].startswith("Rows copied of shop #3 orders-to-customer, ")
    assert files(stage) == []


async def test_forty_tables_are_six_lines(watching_stage: Stage) -> None:
    """Of many tables the five largest have a line each, and the others one together."""
    stage = watching_stage
    await watched(
        stage, {f"table_with_a_long_name_{number:02}": 10**6 * (number + 1) for number in range(40)}
    )
    await stage.type("show shop 3 --chart")
    (block,) = charts(stage)
    names = [series["name"] for series in block["chart"]["series"]]
    assert names[-1] == "35 more"
    assert len(set(names)) == 6
    assert all(name.startswith("table_with…g_name_") for name in names[:-1])
    lines = [[point["value"] for point in series["data"]] for series in block["chart"]["series"]]
    ends = [line[-1] for line in lines[:-1]]
    assert ends == sorted(ends, reverse=True)


async def test_where_it_was_asked_in_passing(watching_stage: Stage) -> None:
    """Who asks by mentioning the bot has the chart there, or the picture where Slack refuses it."""
    stage = watching_stage
    await watched(stage)
    await mention(stage)
    assert len(charts(stage)) == 1
    stage.slack.fail("chat.postEphemeral", error="invalid_blocks", times=None, block=CHART)
    await mention(stage)
    assert charts(stage) == []
    assert len(files(stage)) == 1


async def copied(stage: Stage) -> Any:
    """The reply in the move's thread that tells that the copy is complete."""
    tables = {"orders": 9_000_000, "line_items": 1_000_000}
    stage.planetscale.add_workflow("shop", 3, "copying", percent=99.5, tables=tables)
    await stage.type("watch shop 3")
    await stage.pass_time(480, 60)
    assert stage.card().thread_ts
    return stage.card()


async def test_a_complete_copy_has_its_chart_in_the_thread(watching_stage: Stage) -> None:
    """What tells in the move's thread that a copy is complete shows how it went; the words come first."""
    reply = await copied(watching_stage)
    kinds = [block["type"] for block in reply.all_blocks]
    assert kinds.index(CHART) == kinds.index("actions") - 1
    (drawn,) = (block for block in reply.blocks if block["type"] == CHART)
    assert [series["name"] for series in drawn["chart"]["series"]] == ["orders", "line_items"]


async def test_where_slack_refuses_charts_a_complete_copy_is_told_without(watching_stage: Stage) -> None:
    """Where Slack has no charts the same is told once, with its button and without the chart."""
    watching_stage.slack.fail("chat.postMessage", error="invalid_blocks", times=None, block=CHART)
    reply = await copied(watching_stage)
    told = watching_stage.read(reply).splitlines()
    assert told[0].startswith("Copied in ")
    assert told[-1] == "[Verify data]"
    assert not any(block["type"] == CHART for block in reply.all_blocks)
    assert sum("Copied in" in card for card in watching_stage.cards()) == 1
