"""A workflow's name, or the beginning of it, in the place of its number."""

import pytest

from bot.demo.slack.people import ANA, BEN, GIL
from tests.scenarios.conftest import MOVES, Stage


def add_two(stage: Stage) -> None:
    stage.planetscale.add_workflow("shop", 2, "completed", name="orders-to-customer")
    stage.planetscale.add_workflow("shop", 3, "verified_data", name="orders-to-customer")
    stage.planetscale.add_workflow("shop", 5, "switched_primaries", name="Catalog_split", branch="dev")


async def test_show_finds_a_workflow_by_its_name(stage: Stage) -> None:
    """The whole name, or a beginning that only one active workflow has, is as good as the number."""
    add_two(stage)
    for typed in ("catalog_split", "`Catalog_split`", "cat"):
        first = (await stage.type(f"show shop {typed}")).splitlines()[0]
        assert first.endswith("shop #5 Catalog_split"), typed
    assert "was typed" not in await stage.type("show shop catalog_split")
    assert "“cat” was typed: #5 Catalog_split is the only active workflow that begins so." in (
        await stage.type("show shop cat")
    )
    orders = await stage.type("show shop orders-to-customer")
    assert "shop #3 orders-to-customer" in orders
    assert "#3 is the only active workflow of that name." in orders


async def test_an_unclear_name_is_answered_with_the_candidates(stage: Stage) -> None:
    """An unknown name, or a beginning of several, is answered with lines that can be pasted."""
    add_two(stage)
    stage.planetscale.add_workflow("shop", 7, "copying", name="catalog-two", branch="qa")
    assert (await stage.type("show shop cat")).splitlines() == [
        "2 active workflows of shop begin with “cat”. Which one?",
        "/workflow show shop 7  catalog-two",
        "/workflow show shop 5  Catalog_split",
        "[catalog-two] [Catalog_split]",
    ]
    unknown = (await stage.type("watch shop ordres")).splitlines()
    assert unknown[:2] == [
        "No workflow of shop is known that is called “ordres” or begins so. Active:",
        "/workflow watch shop 3  orders-to-customer",
    ]
    assert "There is no database nowhere" in await stage.type("show nowhere orders")


async def test_a_name_without_its_database(stage: Stage) -> None:
    """Where there is one database only, a name that is no database's is offered as a workflow's of it."""
    add_two(stage)
    answer = await stage.type("show orders-to-customer")
    assert answer.splitlines()[1] == "Did you mean /workflow show shop orders-to-customer?"
    assert "shop #3 orders-to-customer" in await stage.press(ANA, "qa_run.1", stage.private())
    assert "Did you mean /workflow watch shop catalog?" in await stage.type("watch catalog")
    assert "Did you mean" not in await stage.type("list orders-to-customer")
    stage.planetscale.add_workflow("billing", 1, "running")
    assert "Did you mean" not in await stage.type("show orders-to-customer")


async def test_a_card_says_which_workflow_a_name_was_taken_for(stage: Stage) -> None:
    """An action by name is about the number that was found, once: its card says so to those who approve."""
    add_two(stage)
    await stage.type("switch-traffic shop orders --replicas-only")
    card = stage.cards()[0]
    assert "Switch replica reads · shop #3 orders-to-customer" in card
    assert "“orders” was typed: #3 orders-to-customer is the only active workflow that begins so." in card
    stage.planetscale.add_workflow("shop", 9, "copying", name="orders-again", branch="qa")
    await stage.press(BEN, "op_approve", stage.first)
    assert stage.changes == ["PATCH shop/workflows/3/switch-replicas"]


async def test_an_action_with_an_unclear_name_asks_nobody(stage: Stage) -> None:
    """Nothing is posted or sent; the requester gets the lines that would be clear."""
    add_two(stage)
    answer = await stage.type("cutover shop catalgo --force")
    assert answer.splitlines() == [
        "No workflow of shop is known that is called “catalgo” or begins so. Active:",
        "/workflow cutover shop 5  Catalog_split",
        "/workflow cutover shop 3  orders-to-customer",
        "Nothing was sent. --force is left out of these lines.",
    ]
    assert stage.slack.messages(MOVES) == []
    assert stage.changes == []


async def test_a_silent_planetscale_is_no_guess_at_a_name(stage: Stage) -> None:
    """If the list cannot be read, the number has to be typed."""
    add_two(stage)
    stage.planetscale.trouble("server-error", on="list", times=None)
    assert "type its number" in await stage.type("cutover shop catalog_split")


@pytest.mark.parametrize("typed", ["show shop orders", "cutover shop orders", "history shop orders"])
async def test_a_guest_finds_out_no_names(stage: Stage, typed: str) -> None:
    """Whoever may not read is told nothing of what names there are."""
    add_two(stage)
    answer = await stage.type(typed, user=GIL)
    assert "to-customer" not in answer
    assert stage.asked == []


async def test_the_bots_own_rows_are_found_by_name(stage: Stage) -> None:
    """`history` finds by name what the bot has met and asks PlanetScale nothing for it; so does `unwatch`."""
    add_two(stage)
    await stage.type("watch shop catalog_split")
    await stage.type("verify-data shop orders-to-customer")
    await stage.settle()
    asked = len(stage.asked)
    assert (await stage.type("history shop orders")).splitlines()[0] == "History of shop #3"
    assert "No workflow of shop is known that is called “nothing”" in await stage.type("history shop nothing")
    assert len(stage.asked) == asked
    assert "shop #5" in await stage.type("unwatch shop CATALOG_SPLIT")
