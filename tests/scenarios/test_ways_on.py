"""Buttons under private answers: the corrected line, the same again, the next step, the page."""

import pytest

from bot.demo.slack.people import ANA, BEN
from tests.scenarios.conftest import MOVES, Stage

RUN, REFRESH, PAGE = "qa_run.1", "qa_refresh", "go_planetscale"
COPIED = "verified_data"


def add_orders(stage: Stage, state: str = COPIED) -> None:
    stage.planetscale.add_workflow("shop", 3, state, name="orders-to-customer")


def buttons(stage: Stage, user: str = ANA) -> str:
    """The last line of what this person read last."""
    return stage.slack.visible_text(stage.private(user), user).splitlines()[-1]


async def test_a_corrected_line_is_run_by_a_button(http_stage: Stage) -> None:
    """Run asks what the corrected line asks, as if it had been typed; a question is answered privately."""
    stage = http_stage
    add_orders(stage)
    assert "Did you mean /workflow show shop 3?" in await stage.type("shwo shop 3")
    assert buttons(stage) == "[Run]"
    answer = await stage.press(ANA, RUN, stage.private())
    assert answer.startswith("Running · verified clean 2 h ago · shop #3 orders-to-customer\n")
    assert stage.slack.messages(MOVES) == []
    assert stage.slack.ephemeral_for(BEN) == []


async def test_run_goes_through_the_same_gate(stage: Stage) -> None:
    """A corrected action is a card of the presser's that waits for a second person; told twice, it is one."""
    add_orders(stage)
    await stage.type("swich-trafic shop 3 --replicas-only", user=BEN)
    pressed = await stage.slack.press(BEN, stage.private(BEN), RUN)
    await stage.settle()
    await stage.slack.redeliver(pressed)
    await stage.settle()
    assert "Asked by @Ben" in stage.cards()[0]
    assert len(stage.cards()) == 1
    await stage.press(BEN, "op_approve")
    assert stage.changes == []


@pytest.mark.parametrize(
    "typed",
    [
        "cutovr shop 3 --force",
        "cutover shop 3 -force",
        "cutover shop 3 --focre",
        "retry shop 3 --force",
        "delete shop 3",
        "show shop 3 --service-token x",
        "pscale_tkn_abcdefghijklmnopqrstuvwxyz",
        "frobnicate shop 3",
    ],
)
async def test_some_lines_are_only_typed(http_stage: Stage, typed: str) -> None:
    """There is no Run where a line was forced, where it is a guess for another word, or for a secret."""
    assert "[Run" not in await http_stage.type(typed)


@pytest.mark.parametrize(
    "line",
    ["/workflow cutover shop 3 --force", "/workflow cutovr shop 3", "x --api-token=abc", "rm -rf /"],
)
async def test_a_forged_line_does_nothing(http_stage: Stage, line: str) -> None:
    """What a press carries is read like a typed line; a forced one, a mistake or a secret is not run."""
    stage = http_stage
    add_orders(stage, "switched_primaries")
    await stage.type("shwo shop 3")
    before = len(stage.asked)
    answer = await stage.press(ANA, RUN, stage.private(), value=line)
    assert answer.startswith("This button is of another version of the bot, so nothing was done.")
    assert len(stage.asked) == before
    assert stage.cards() == []


async def test_one_word_can_be_run_either_way(http_stage: Stage) -> None:
    """A database typed alone is offered as its list, and the sub-command that it resembles beside it."""
    stage = http_stage
    add_orders(stage)
    answer = (await stage.type("shop")).splitlines()
    assert answer[:2] == [
        "There is no sub-command “shop”.",
        "Did you mean /workflow list shop or /workflow show?",
    ]
    assert answer[-1] == "[Run list shop] [Run show]"
    assert (await stage.press(ANA, RUN, stage.private())).startswith("Workflows in shop · ")


async def test_a_choice_among_workflows_is_a_press(http_stage: Stage) -> None:
    """Where it is not clear which workflow is meant, each is a button."""
    stage = http_stage
    add_orders(stage)
    stage.planetscale.add_workflow("shop", 4, "copying", name="users-to-customer")
    answer = (await stage.type("show shop")).splitlines()
    assert answer[0] == "shop has 2 active workflows. Which one?"
    assert answer[-1] == "[users-to-customer] [orders-to-customer]"
    assert "shop #4" in await stage.press(ANA, RUN, stage.private())


async def test_refresh_takes_the_place_of_the_answer(http_stage: Stage) -> None:
    """Refresh reads again and leaves one answer; where nothing can be read, the old one stays."""
    stage = http_stage
    add_orders(stage, "running")
    await stage.type("show shop 3")
    first = stage.private()
    await stage.type("list shop")
    listed = stage.private()
    stage.planetscale.add_workflow("shop", 3, COPIED, name="orders-to-customer")
    for asked in (first, listed):
        before = len(stage.slack.ephemeral_for(ANA))
        await stage.press(ANA, REFRESH, asked)
        assert len(stage.slack.ephemeral_for(ANA)) == before
    assert all("verified clean" in stage.slack.visible_text(one) for one in stage.slack.ephemeral_for(ANA))
    stage.planetscale.trouble("unauthorized", on="read")
    answer = await stage.press(ANA, REFRESH, stage.slack.ephemeral_for(ANA)[0])
    assert answer.startswith("PlanetScale does not accept the bot's token.")
    assert "verified clean" in stage.slack.visible_text(stage.slack.ephemeral_for(ANA)[0])


STEPS = {
    "running": "[Verify data]",
    COPIED: "[Switch replica reads]",
    "switched_replicas": "[Reverse traffic] [Switch primaries]",
    "switched_primaries": "[Reverse traffic] [Cut over …]",
    "cutover": "[Restore routing rules] [Complete]",
    "completed": "",
    "copying": "",
}


async def test_an_answer_ends_in_what_comes_next(http_stage: Stage) -> None:
    """Under `show` stand the way back and the next step that it names, and the page at PlanetScale."""
    stage = http_stage
    found = {}
    for state in STEPS:
        add_orders(stage, state)
        await stage.type("show shop 3")
        found[state] = buttons(stage)
    rest = "[Refresh] [Open in PlanetScale] [Share in channel]"
    assert found == {state: f"{steps} {rest}".strip() for state, steps in STEPS.items()}


async def test_the_next_step_is_asked_for_as_the_command_does(stage: Stage) -> None:
    """A next step waits for a second person; a way back is a question to whoever pressed."""
    add_orders(stage, "switched_replicas")
    await stage.type("show shop 3", user=BEN)
    answer = stage.private(BEN)
    await stage.press(BEN, "op_next.switch-traffic", answer)
    assert "Asked by @Ben" in stage.cards()[0]
    assert stage.changes == []


async def test_a_press_that_opens_the_page_does_nothing_else(stage: Stage) -> None:
    """The page is the workflow's own; Slack's word of the press is acknowledged without an answer."""
    add_orders(stage)
    await stage.type("show shop 3")
    block = stage.private().blocks[-1]
    urls = [one["url"] for one in block["elements"] if "url" in one]
    assert urls == ["https://app.planetscale.com/acme/shop/workflows/3"]
    before = len(stage.asked)
    assert await stage.press(ANA, PAGE, stage.private()) == ""
    assert len(stage.asked) == before
    assert stage.cards() == []
