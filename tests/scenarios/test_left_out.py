"""Database and number left out: the answer, or the card, says what was assumed."""

import pytest

from bot.demo.slack.people import ANA, BEN, GIL
from tests.scenarios.conftest import MOVES, Stage, open_stage

ASSUMED = "You did not say which: shop has one active workflow, #3 orders-to-customer."


def add_orders(stage: Stage, state: str = "verified_data") -> None:
    stage.planetscale.add_workflow("shop", 2, "completed", name="old")
    stage.planetscale.add_workflow("shop", 3, state, name="orders-to-customer")


async def test_show_finds_the_only_active_workflow(stage: Stage) -> None:
    """`show shop` shows the one active workflow of shop, and says so."""
    add_orders(stage)
    lines = (await stage.type("show shop")).splitlines()
    assert lines[0] == "Running · verified clean 2 h ago · shop #3 orders-to-customer"
    assert ASSUMED in lines


async def test_an_unclear_question_names_what_would_be_clear(stage: Stage) -> None:
    """With two active workflows `show shop` is answered by the lines that can be pasted."""
    add_orders(stage)
    stage.planetscale.add_workflow("shop", 5, "copying", name="catalog-split", branch="dev")
    assert (await stage.type("show shop --format json")).splitlines() == [
        "shop has 2 active workflows. Which one?",
        "/workflow show shop 5 --format=json  catalog-split",
        "/workflow show shop 3 --format=json  orders-to-customer",
        "[catalog-split] [orders-to-customer]",
    ]


async def test_nothing_active_names_the_list(stage: Stage) -> None:
    """Without an active workflow the answer says where all of them are."""
    add_orders(stage, "cancelled")
    said = "shop has no active workflow. All: /workflow list shop\n[List shop]"
    assert await stage.type("show shop") == said
    assert await stage.type("watch shop") == said


async def test_a_database_with_the_number_glued_on_is_understood(stage: Stage) -> None:
    """`show shop3` is answered with the line that was meant."""
    add_orders(stage)
    assert "Did you mean /workflow show shop 3?" in await stage.type("show shop3")


async def test_the_only_configured_database_is_meant() -> None:
    """A bot that is set up for one database needs no name of it, in questions and in actions. `list` alone
    is about all databases, also those that the bot is not set up for.
    """
    async with open_stage(WORKFLOW_BOT_DATABASES="shop") as stage:
        add_orders(stage)
        said = "The database was left out: this bot is set up for shop only."
        assert "Active workflows in acme · 1 active" in await stage.type("list")
        both = (await stage.type("show")).splitlines()
        assert said in both
        assert ASSUMED in both
        assert said in (await stage.type("show 3")).splitlines()
        assert said in (await stage.type("history")).splitlines()
        await stage.type("switch-traffic --replicas-only")
        assert f"{said} The number was left out: #3 was the only active workflow." in stage.cards()[0]


@pytest.mark.parametrize("databases", ["", "shop,crm"])
async def test_without_one_configured_database_it_has_to_be_typed(databases: str) -> None:
    """Set up for none or for several databases, the bot asks for the name and says which there are."""
    async with open_stage(WORKFLOW_BOT_DATABASES=databases) as stage:
        add_orders(stage)
        stage.planetscale.add_workflow("crm", 1, "copying", name="contacts")
        answer = (await stage.type("cutover")).splitlines()
        assert answer[0] == "The database is missing. There are: crm, shop"
        assert answer[1].startswith("Usage: /workflow cutover <DATABASE> [NUMBER]")
        assert "[" not in answer[-1]
        assert stage.changes == []
        assert (await stage.type("show")).splitlines()[-1] == "[crm] [shop]"
        assert "shop #3" in await stage.press(ANA, "qa_run.2", stage.private())


async def test_databases_are_named_to_their_readers() -> None:
    """Of databases that somebody may not read about, no name is told; a guest is told none at all."""
    policy = f'[[database]]\nmatch = "crm"\nrequesters = ["{BEN}"]\n'
    async with open_stage(policy=policy) as stage:
        add_orders(stage)
        stage.planetscale.add_workflow("crm", 1, "copying", name="contacts")
        for user, named in ((ANA, "shop"), (BEN, "crm, shop")):
            answer = await stage.type("history", user)
            assert answer.splitlines()[0] == f"The database is missing. There are: {named}"
        answer = await stage.type("history", GIL)
        assert answer.startswith("The database is missing.\nUsage: ")
        assert "shop" not in answer


async def test_where_no_list_can_be_read_the_configured_ones_are_named() -> None:
    """A token that may not list databases leaves those that the bot is set up for."""
    async with open_stage(WORKFLOW_BOT_DATABASES="shop,crm") as stage:
        stage.planetscale.trouble("forbidden", on="databases", times=None)
        assert "There are: crm, shop" in await stage.type("show")


async def test_a_card_says_what_was_assumed(stage: Stage) -> None:
    """An action without a number shows that on its card; a second person approves that very workflow."""
    add_orders(stage)
    await stage.type("switch-traffic shop --replicas-only")
    assert "The number was left out: #3 was the only active workflow." in stage.cards()[0]
    assert "Switch replica reads · shop #3 orders-to-customer" in stage.cards()[0]
    await stage.press(ANA, "op_approve", stage.first)
    assert stage.changes == []
    await stage.press(BEN, "op_approve", stage.first)
    assert stage.changes == ["PATCH shop/workflows/3/switch-replicas"]


async def test_a_question_to_the_requester_says_what_was_assumed(stage: Stage) -> None:
    """Where the requester confirms alone, the private question says which workflow it found."""
    add_orders(stage, "switched_primaries")
    question = await stage.type("reverse-traffic shop")
    assert question.splitlines()[:2] == [
        "Reverse traffic of shop #3 now?",
        "The number was left out: #3 was the only active workflow.",
    ]


async def test_an_unclear_action_names_what_would_be_clear(stage: Stage) -> None:
    """With two active workflows nothing is asked of anybody: the requester gets the lines to paste."""
    add_orders(stage)
    stage.planetscale.add_workflow("shop", 5, "verified_data", name="catalog-split", branch="dev")
    answer = await stage.type("switch-traffic shop --replicas-only --force")
    assert answer.splitlines() == [
        "shop has 2 active workflows, and no number was typed.",
        "/workflow switch-traffic shop 5 --replicas-only  catalog-split",
        "/workflow switch-traffic shop 3 --replicas-only  orders-to-customer",
        "Nothing was sent. --force is left out of these lines.",
    ]
    assert stage.slack.messages(MOVES) == []
    assert stage.changes == []


async def test_a_guest_is_told_no_names(stage: Stage) -> None:
    """Leaving the number out shows a guest nothing."""
    add_orders(stage)
    for typed in ("show shop", "cutover shop"):
        assert "orders" not in await stage.type(typed, user=GIL)
    assert stage.asked == []


async def test_watch_and_unwatch_find_the_only_one(stage: Stage) -> None:
    """`watch shop` and `unwatch shop` find the one that can be meant, and say so."""
    add_orders(stage)
    assert ASSUMED in await stage.type("watch shop")
    assert "You did not say which: of shop, only #3 is watched." in await stage.type("unwatch shop")
    assert "Nothing of shop is watched." in await stage.type("unwatch shop")


async def test_a_button_leaves_nothing_out(stage: Stage) -> None:
    """A forged button whose line leaves something out does nothing: buttons always carry whole lines."""
    add_orders(stage)
    await stage.type("switch-traffic shop 3 --replicas-only")
    await stage.press(BEN, "op_approve", stage.first)
    await stage.pass_time(30)
    for forged in (
        "/workflow reverse-traffic shop",
        "/workflow reverse-traffic",
        "/workflow reverse-traffic 3",
    ):
        told = await stage.press(ANA, "op_next.reverse-traffic.switched_replicas", stage.first, value=forged)
        assert told.startswith("This button is of another version of the bot, so nothing was done.")
    assert stage.changes == ["PATCH shop/workflows/3/switch-replicas"]


async def test_a_command_that_is_delivered_twice_is_one_request(stage: Stage) -> None:
    """Slack may deliver a command again: with the number left out it is still the same request."""
    add_orders(stage)
    delivery = await stage.slack.command(ANA, MOVES, "/workflow", "switch-traffic shop --replicas-only")
    await stage.slack.redeliver(delivery)
    await stage.settle()
    assert sum("Switch replica reads · shop #3" in card for card in stage.cards()) == 1
