"""What Prometheus reads of a bot at work."""

from bot.demo.slack.people import BEN
from tests.metrics.reading import Page, read_page
from tests.scenarios.conftest import Stage


async def _read(stage: Stage) -> Page:
    stage.clock.advance(5)  # what is read from the rows is read no more often
    return await read_page(stage.bot.metrics)


async def test_a_cutover_in_figures(http_stage: Stage) -> None:
    """An operation can be followed on the page: taken down, waiting, approved, sent, ended, told."""
    stage = http_stage
    stage.planetscale.add_workflow("shop", 3, "switched_primaries", ago=26 * 3600)
    await stage.type("cutover shop 3")
    page = await _read(stage)
    assert page.of("ack_seconds_count", kind="command", sub_command="cutover") == 1
    assert page.of("approvals_waiting") == 1
    assert 5 <= (page.of("oldest_approval_seconds") or 0) < 10
    assert page.of("operations_open", state="waiting") == 1

    await stage.press(BEN, "op_approve")
    await stage.pass_time(120)
    page = await _read(stage)
    assert page.of("ack_seconds_count", kind="press", sub_command="") == 1
    assert page.of("approvals_waiting") == 0
    assert page.of("press_to_request_seconds_count", action="cutover") == 1
    assert page.of("operations_ended_total", action="cutover", outcome="succeeded") == 1
    path = "organizations/{organization}/databases/{database}/workflows/{number}"
    asked = {"organization": "acme", "endpoint": f"PATCH {path}/cutover", "result": "ok"}
    assert page.of("planetscale_requests_total", **asked) == 1
    assert page.of("slack_calls_total", method="chat.postMessage", result="ok")
    assert page.of("messages_waiting") == 0
    assert page.of("ready", part="worker") == 1
    assert page.of("rows_read") == 1


async def test_slack_asks_to_go_slower(http_stage: Stage) -> None:
    """A rate limit of Slack's is counted under the method that met it."""
    stage = http_stage
    stage.planetscale.add_workflow("shop", 3, "switched_primaries", ago=26 * 3600)
    stage.slack.fail("chat.postMessage", status=429, times=1)
    await stage.type("cutover shop 3")
    await stage.type("show shop 3")
    page = await _read(stage)
    assert page.of("slack_calls_total", method="chat.postMessage", result="limited") == 1
    assert page.of("slack_calls_total", method="response_url", result="ok") == 1


async def test_no_label_is_what_somebody_typed(http_stage: Stage) -> None:
    """Whatever people type and press, the page grows by no name of theirs: no command makes a series."""
    stage = http_stage
    for odd in (
        "zebra shop 3",
        "list zebra",
        "show zebra 3 --org zebra",
        "create shop zebra --name zebra",
        "zebra",
    ):
        await stage.type(odd, user=BEN)
    page = await _read(stage)
    samples = [sample for family in page.families.values() for sample in family.samples]
    assert not any("zebra" in value or BEN in value for one in samples for value in one.labels.values())
    assert page.of("ack_seconds_count", kind="command", sub_command="other") == 2
