"""A create form that is submitted: what is said at which field, and what is asked for when it closes."""

from functools import partialmethod
from typing import Any

import pytest

from bot.demo.slack import payloads
from bot.demo.slack.blockkit import find
from bot.demo.slack.inputs import FormError
from bot.demo.slack.people import ANA, BEN, DBAS
from bot.slack.handlers.forms.creating import CreateForm
from tests.scenarios.conftest import Stage, open_stage, text
from tests.scenarios.forms import (
    NAMED,
    block_ids,
    choose,
    choose_all,
    furnish,
    held,
    opened,
    read,
    search,
    submit,
    view,
)


async def test_what_is_wrong_stands_at_its_field(http_stage: Stage) -> None:
    """A name that cannot be, or no table: each is said where it is, and nothing is sent."""
    furnish(http_stage)
    await http_stage.type("create shop main -i")
    await choose(http_stage, "cf_source", "commerce", NAMED)
    await choose(http_stage, "cf_target", "customer", NAMED)
    with pytest.raises(FormError):
        await http_stage.slack.submit(ANA, NAMED)
    await choose_all(http_stage)
    delivery = await http_stage.slack.submit(ANA, {"cf_name": {"cf_name": "users to customer"}})
    assert delivery.body["errors"] == {
        "cf_name": "“users to customer” is not a workflow name: letters, digits, “-” and “_”, not beginning "
        "with “-”, at most 64.",
    }
    assert http_stage.changes == []


def _every(stage: Stage) -> list[str]:
    """What the choice between these and all tables offers."""
    _, element = find(view(stage).body["blocks"], "cf_every")
    return [option["value"] for option in element["options"]]


async def test_some_tables_and_all_of_them(http_stage: Stage) -> None:
    """All of them or these is one choice; who changes their mind finds what was chosen one by one."""
    stage = http_stage
    furnish(stage)
    await opened(stage)
    await search(stage, "cf_tables")
    chosen = NAMED | {"cf_tables:commerce": {"cf_tables": ["users"]}}
    await choose(stage, "cf_every", _every(stage)[1], chosen)
    assert "cf_tables:commerce" not in block_ids(stage)
    await choose(stage, "cf_every", _every(stage)[0], NAMED)
    assert held(stage, "cf_tables") == ["users"]
    assert stage.changes == []
    assert await submit(stage) == {}
    assert [table.name for table in stage.planetscale.workflow("shop", 3).tables] == ["users"]


async def test_a_token_is_not_taken_for_a_name(http_stage: Stage) -> None:
    """A secret pasted into the form is refused, and neither stored nor shown again."""
    furnish(http_stage)
    await opened(http_stage)
    typed = {"cf_name": {"cf_name": "pscale_tkn_abcdefgh"}}
    errors = await submit(http_stage, "users", more=typed)
    assert errors == {
        "cf_name": "That looks like a secret, so it was not taken. A token that was typed here should be "
        "replaced."
    }


@pytest.mark.parametrize("asks", [True, False])
async def test_why_a_workflow_is_created(asks: bool) -> None:
    """The form asks why, needs it where the policy does, keeps what was typed as a flag, and it is read."""
    policy = '[approvals]\nreason = ["create"]\n' if asks else ""
    async with open_stage(policy=policy) as stage:
        furnish(stage)
        await stage.type('create shop main -i --reason "a sharded shop"')
        assert held(stage, "cf_reason") == "a sharded shop"
        await choose(stage, "cf_source", "commerce", NAMED)
        await choose(stage, "cf_target", "customer", NAMED)
        assert held(stage, "cf_reason") == "a sharded shop"
        empty = {"cf_reason": {"cf_reason": " … "}}
        said = {"cf_reason": "The reason is empty: say in a few words why."}
        assert await submit(stage, "users", more=empty) == said
        assert stage.changes == []
        assert await submit(stage, "users", more={"cf_reason": {"cf_reason": "a “sharded” shop"}}) == {}
        assert '“a "sharded" shop”' in stage.read(stage.card())


async def test_a_create_that_needs_a_reason() -> None:
    """A typed create without the reason that the policy wants leads to the form, with all that was typed."""
    async with open_stage(policy='[approvals]\nreason = ["create"]\n') as stage:
        furnish(stage)
        line = (
            "create shop main --name=users-to-customer --source-keyspace=commerce --target-keyspace=customer"
        )
        answer = await stage.type(f"{line} --tables=users")
        assert answer.startswith("Create needs a reason: the policy asks why. Nothing was sent.")
        assert f'/workflow {line} --tables=users --reason="…"' in answer
        assert stage.changes == []
        await stage.press(ANA, "cf_open", stage.private())
        assert held(stage, "cf_name") == "users-to-customer"
        assert await submit(stage, "users", more={"cf_reason": {"cf_reason": "a sharded shop"}}) == {}
        assert [table.name for table in stage.planetscale.workflow("shop", 3).tables] == ["users"]


async def test_a_table_that_went_away_meanwhile(http_stage: Stage) -> None:
    """What is not there any more when the form is submitted is said at its field, and nothing is sent."""
    stage = http_stage
    furnish(stage)
    await opened(stage)
    await search(stage, "cf_tables")
    del stage.planetscale.world.databases["shop"].branches["main"].keyspaces["commerce"].tables["users"]
    assert await submit(stage, "users", "addresses") == {
        "cf_tables:commerce": "There is no table “users” in commerce. It has “addresses”."
    }
    assert stage.changes == []
    assert await search(stage, "cf_tables") == ["addresses"]


async def test_a_keyspace_that_went_away_meanwhile(http_stage: Stage) -> None:
    """The same for a keyspace: it is said at the field that named it."""
    stage = http_stage
    furnish(stage)
    await opened(stage)
    del stage.planetscale.world.databases["shop"].branches["main"].keyspaces["customer"]
    errors = await submit(stage, "users")
    assert list(errors) == ["cf_target:commerce"]
    assert errors["cf_target:commerce"].startswith("There is no keyspace “customer” in main.")
    assert stage.changes == []


async def test_all_tables_means_those_that_were_counted(http_stage: Stage) -> None:
    """If there are others when the form is submitted, it shows them and has to be confirmed again."""
    stage = http_stage
    furnish(stage)
    await opened(stage)
    await choose_all(stage)
    stage.planetscale.world.databases["shop"].branches["main"].keyspaces["commerce"].tables["invoices"] = 7
    await submit(stage)
    said = read(stage)
    assert "All 3 tables of commerce" in said
    assert "left out: “all tables”, because these are others now." in said
    assert stage.changes == []
    await choose_all(stage)
    assert await submit(stage) == {}
    assert len(stage.planetscale.workflow("shop", 3).tables) == 3


BUSY = "main has workflow #5 already (running). One at a time: complete or cancel it first."


async def test_a_branch_that_is_busy(http_stage: Stage) -> None:
    """A branch with an active workflow is named as soon as it is chosen, before anything is filled in."""
    stage = http_stage
    furnish(stage)
    stage.planetscale.add_workflow("shop", 5, "running", tables={"carts": 5})
    stage.planetscale.add_workflow("shop", 4, "cancelled", branch="next")
    await stage.type("create shop")
    await search(stage, "cf_branch")
    await choose(stage, "cf_branch", "main")
    assert read(stage) == text(
        f"""
        Create a workflow
        {BUSY}
        Nothing was sent.
        [Try again] [Choose another database or branch]
        [Leave it]
        """
    )
    await choose(stage, "cf_elsewhere")
    await search(stage, "cf_database")
    await choose(stage, "cf_database", "shop")
    await search(stage, "cf_branch")
    await choose(stage, "cf_branch", "next")
    assert "on shop/next." in read(stage)


async def test_a_branch_that_nothing_can_be_created_on(http_stage: Stage) -> None:
    """What no field could mend is said before the fields are shown, whatever it is."""
    stage = http_stage
    furnish(stage)
    stage.planetscale.world.databases["shop"].branches["main"].safe_migrations = False
    await stage.type("create shop main -i")
    assert read(stage).splitlines()[1] == "Safe migrations are off on main; workflows need them."


async def test_a_branch_that_became_busy(http_stage: Stage) -> None:
    """Found out on Create, it stands at no field: the form comes back as it was once the way is free."""
    stage = http_stage
    furnish(stage)
    await opened(stage)
    stage.planetscale.add_workflow("shop", 5, "running", tables={"carts": 5})
    assert await submit(stage, "users") == {}
    assert read(stage).splitlines()[1:3] == [BUSY, "Nothing was sent."]
    await choose(stage, "cf_again")
    assert read(stage).splitlines()[1] == BUSY
    assert (stage.cards(), stage.changes) == ([], [])
    stage.planetscale.add_workflow("shop", 5, "cancelled")
    await choose(stage, "cf_again")
    assert [held(stage, field) for field in ("cf_name", "cf_source", "cf_target", "cf_tables")] == [
        "users-to-customer",
        "commerce",
        "customer",
        ["users"],
    ]
    assert await submit(stage, "users") == {}
    assert stage.changes == ["POST shop/workflows"]


async def test_whether_a_branch_is_busy_cannot_be_read(http_stage: Stage) -> None:
    """The fields are shown all the same: it is checked on Create."""
    furnish(http_stage)
    http_stage.planetscale.trouble("forbidden", on="list", times=None)
    await http_stage.type("create shop main -i")
    assert "Source keyspace" in read(http_stage)


async def test_what_the_token_may_not_read(http_stage: Stage) -> None:
    """Where PlanetScale does answer, the form says what it said, and not that it was silent."""
    stage = http_stage
    furnish(stage)
    await opened(stage)
    stage.planetscale.trouble("forbidden", on="list", times=None)
    assert await submit(stage, "users") == {}
    assert read(stage).splitlines()[1:4] == [
        "The bot's token may not do this in PlanetScale.",
        "Whoever runs the bot has to grant it.",
        "Nothing was sent.",
    ]
    assert stage.changes == []


async def test_planetscale_is_too_slow_for_the_checks(
    http_stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The request is taken down in time all the same, and is checked before anything is sent."""
    stage = http_stage
    no_time = partialmethod(CreateForm.submit, within=0.0)
    monkeypatch.setattr(CreateForm, "submit", no_time)
    furnish(stage)
    await opened(stage)
    await search(stage, "cf_tables")
    stage.planetscale.add_workflow("shop", 5, "running", tables={"carts": 5})
    slow = stage.planetscale.trouble("hang", on="list", times=None)
    values = NAMED | {"cf_tables:commerce": {"cf_tables": ["users"]}}
    delivery = await stage.slack.submit(ANA, values)
    assert delivery.problem is None
    assert stage.slack.view_of(ANA) is None
    stage.planetscale.lift(slow)
    await stage.settle()
    assert stage.slack.visible_text(stage.private()) == text(
        """
        main has workflow #5 already (running). One at a time: complete or cancel it first.
        Nothing was sent.
        """
    )
    assert stage.changes == []


async def test_submitted_twice_is_one_workflow(http_stage: Stage) -> None:
    """A form that is delivered again, or pressed again because Slack was slow, creates nothing twice."""
    stage = http_stage
    furnish(stage)
    await opened(stage)
    await search(stage, "cf_tables")
    form, values = view(stage), NAMED | {"cf_tables:commerce": {"cf_tables": ["users"]}}
    first = await stage.slack.submit(ANA, values)
    again = await stage.slack.redeliver(first)
    assert (first.body, again.body) == ({"response_action": "clear"}, {"response_action": "clear"})
    await stage.settle()
    late = await stage.slack.submit(ANA, values, form)
    await stage.settle()
    assert late.body == {"response_action": "clear"}
    assert stage.changes == ["POST shop/workflows"]
    assert len(stage.cards()) == 1
    assert stage.slack.ephemeral_for(ANA) == []


async def test_payloads_that_nobody_could_have_sent(http_stage: Stage) -> None:
    """A forged or mangled form is answered in words, and changes nothing."""
    stage = http_stage
    furnish(stage)
    await opened(stage)
    honest = payloads.view_submission(stage.slack.world, ANA, view(stage), {})
    state = {"values": {"cf_name": {"cf_name": {"value": 7}}, "cf_source": [], "x": {"cf_source": None}}}
    forgeries: list[dict[str, Any]] = [
        {"private_metadata": "{}"},
        {"private_metadata": '{"channel": [1]}'},
        {"private_metadata": "\x00"},
        {"private_metadata": '{"channel": "C0DBMOVES", "database": "../x", "branch": "main"}'},
        {"state": state},
        {"state": None},
        {"state": {"values": [1]}, "blocks": None},
        {"blocks": [None, {"block_id": 3}, {"type": "input"}]},
    ]
    for forged in forgeries:
        payload = honest | {"view": honest["view"] | forged}
        delivery = await stage.slack.sender.send("interactive", payload)
        assert delivery.problem is None, forged
        assert delivery.body["response_action"] == "errors", forged
        assert all(delivery.body["errors"].values())
    await stage.settle()
    assert stage.changes == []


async def test_a_form_from_another_workspace(http_stage: Stage) -> None:
    """A form that somebody else's workspace sends changes nothing, and is told nothing."""
    stage = http_stage
    furnish(stage)
    await opened(stage)
    await search(stage, "cf_tables")
    asked = len(stage.asked)
    foreign: dict[str, Any] = {"team": {"id": "T0OTHER"}, "user": {"id": "U0OLU", "team_id": "T0OTHER"}}
    shown = view(stage).json()
    place = {"block_id": "cf_tables:commerce", "action_id": "cf_tables", "view": shown}
    world = stage.slack.world
    suggestion = payloads.block_suggestion(world, ANA, "", place) | foreign
    found = await stage.slack.sender.send("interactive", suggestion)
    assert found.body == {"options": []}
    sent = await stage.slack.sender.send(
        "interactive", payloads.view_submission(world, ANA, view(stage), {}) | foreign
    )
    assert "Only full members of this workspace" in str(sent.body)
    chosen = payloads.in_view(world, ANA, view(stage), {}) | foreign
    action = {"type": "button", "action_id": "cf_again", "block_id": "x"}
    await stage.slack.sender.send("interactive", chosen | {"actions": [action]})
    await stage.settle()
    assert len(stage.asked) == asked
    assert stage.changes == []


async def test_who_may_not_read_any_more_is_shown_nothing_more() -> None:
    """Somebody who lost the right while the form was open is told so, and sees no tables."""
    policy = f'[[database]]\nmatch = "shop"\nrequesters = ["{DBAS}"]\n'
    async with open_stage(policy=policy) as stage:
        furnish(stage)
        await opened(stage, BEN)
        await choose_all(stage, BEN)
        tables = stage.planetscale.world.databases["shop"].branches["main"].keyspaces["commerce"].tables
        tables["salaries"] = 7
        stage.slack.world.usergroups[DBAS][1].remove(BEN)
        stage.clock.advance(3600)
        answer = str((await stage.slack.submit(BEN, NAMED)).body)
        assert "The policy does not let you" in answer
        assert "All 3 tables" not in answer
