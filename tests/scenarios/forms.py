"""The create form as somebody uses it: what they read, choose, search and submit."""

from typing import Any

from bot.demo.slack.blockkit import find
from bot.demo.slack.inputs import Touch
from bot.demo.slack.model import View
from bot.demo.slack.people import ANA
from bot.demo.slack.present import initial
from tests.scenarios.conftest import Stage

Values = dict[str, dict[str, Any]]
TABLES = {"users": 1_000_000, "addresses": 2_000_000, "users_seq": 1}
NAMED: Values = {"cf_name": {"cf_name": "users-to-customer"}}


def furnish(stage: Stage, tables: dict[str, int] | None = None) -> None:
    """Tables in an unsharded keyspace, a sharded one, a third, and nothing in the way."""
    stage.planetscale.add_workflow("shop", 2, "cancelled", tables=TABLES if tables is None else tables)
    stage.planetscale.add_workflow(
        "shop", 1, "cancelled", source="lookup", target="commerce", tables={"countries": 200}
    )


def view(stage: Stage, user: str = ANA) -> View:
    """What somebody has open."""
    found = stage.slack.view_of(user)
    assert found
    return found


def read(stage: Stage, user: str = ANA) -> str:
    """What somebody reads in their form."""
    return stage.slack.visible_text(view(stage, user))


def held(stage: Stage, action_id: str, user: str = ANA) -> Any:
    """What a field of somebody's form holds as the bot filled it."""
    _, element = find(view(stage, user).body["blocks"], action_id)
    return initial(element)


async def choose(
    stage: Stage, action_id: str, value: str | None = None, values: Values | None = None, user: str = ANA
) -> None:
    """Choose in a select, or press a button, and let the form follow."""
    delivery = await stage.slack.touch(user, view(stage, user), Touch(action_id, None, value, values or {}))
    assert delivery.problem is None, delivery
    await stage.settle()


async def search(stage: Stage, action_id: str, typed: str = "", user: str = ANA) -> list[str]:
    """What a select offers for the letters typed into it."""
    found = await stage.slack.options(user, view(stage, user), action_id, typed)
    return [option["value"] for option in found]


async def opened(stage: Stage, user: str = ANA) -> None:
    """The form of shop/main, with the source and the target keyspace chosen."""
    assert await stage.type("create shop main -i", user) == ""
    await choose(stage, "cf_source", "commerce", NAMED, user)
    await choose(stage, "cf_target", "customer", NAMED, user)


async def submit(stage: Stage, *tables: str, user: str = ANA, more: Values | None = None) -> dict[str, str]:
    """Press Create; the errors that are shown, by block."""
    if tables:
        await search(stage, "cf_tables", user=user)
    chosen = {"cf_tables:commerce": {"cf_tables": list(tables)}} if tables else {}
    values = NAMED | chosen | (more or {})
    delivery = await stage.slack.submit(user, values)
    assert delivery.problem is None, delivery
    await stage.settle()
    errors: dict[str, str] = (delivery.body or {}).get("errors", {})
    return errors


def block_ids(stage: Stage, user: str = ANA) -> list[str]:
    """The blocks of somebody's form."""
    return [block["block_id"] for block in view(stage, user).body["blocks"]]


async def choose_all(stage: Stage, user: str = ANA) -> None:
    """Choose all tables instead of these."""
    await choose(stage, "cf_every", _all_of(stage, user), NAMED, user)


def _all_of(stage: Stage, user: str) -> str:
    _, element = find(view(stage, user).body["blocks"], "cf_every")
    return str(element["options"][1]["value"])
