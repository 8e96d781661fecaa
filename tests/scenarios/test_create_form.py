"""`/workflow create … -i`: a form that opens at once, and asks for the same things as the flags."""

from typing import Any

from bot.demo.slack import payloads
from bot.demo.slack.blockkit import find
from bot.demo.slack.inputs import Touch
from bot.demo.slack.model import View
from bot.demo.slack.people import ANA, BEN, CHIOMA, GIL
from bot.demo.slack.present import initial
from tests.scenarios.conftest import MOVES, Stage, open_stage, text

Values = dict[str, dict[str, Any]]
TABLES = {"users": 1_000_000, "addresses": 2_000_000, "users_seq": 1}
NOT_YET = "There are no tables of this keyspace to choose from yet. Try again in a moment."
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
    values = NAMED | {"cf_tables:commerce": {"cf_tables": list(tables)}} | (more or {})
    delivery = await stage.slack.submit(user, values)
    assert delivery.problem is None, delivery
    await stage.settle()
    errors: dict[str, str] = (delivery.body or {}).get("errors", {})
    return errors


async def test_from_the_form_to_the_workflow(stage: Stage) -> None:
    """What is chosen in the form is what the flags would have said, and the card is the same."""
    furnish(stage)
    await opened(stage)
    assert await search(stage, "cf_tables") == ["addresses", "users"]
    assert await submit(stage, "users", "addresses") == {}
    assert stage.slack.view_of(ANA) is None
    assert stage.read().splitlines()[:3] == [
        "Create · shop users-to-customer",
        "Created · shop #3 users-to-customer",
        "Copies users and addresses from commerce to customer on main. The copy puts load on commerce.",
    ]
    assert stage.changes == ["POST shop/workflows"]
    made = stage.planetscale.workflow("shop", 3)
    assert (made.defer_secondary_keys, made.on_ddl, made.global_keyspace) == (True, "STOP", None)


async def test_how_the_form_reads(http_stage: Stage) -> None:
    """Every field says what it is for, and each schema change action what it means."""
    furnish(http_stage)
    await opened(http_stage)
    lines = read(http_stage).splitlines()
    assert lines[0] == "Create a workflow"
    assert lines[1:3] == [
        "Copies tables to another keyspace on shop/main. The copying begins at once and puts load on the "
        "source.",
        "Deletes nothing. Writes and reads stay on the source until somebody switches traffic.",
    ]
    whole = "\n".join(lines)
    for label in (
        "Name",
        "Source keyspace",
        "Tables",
        "Or all of them",
        "Target keyspace",
        "Global keyspace",
    ):
        assert f"\n{label} " in whole
    assert "All 2 tables of commerce" in whole
    assert "STOP: Stop." in whole
    assert "EXEC_IGNORE: Run it on the target and go on even if it fails." in whole


async def test_it_opens_at_once_and_fills_in(http_stage: Stage) -> None:
    """The form is there while PlanetScale has not answered, and its fields come when it has."""
    stage = http_stage
    furnish(stage)
    slow = stage.planetscale.trouble("hang", on="keyspaces", times=None)
    await stage.slack.command(ANA, MOVES, "/workflow", "create shop main -i")
    await slow.struck.wait()
    assert read(stage).splitlines()[1] == "Reading keyspaces of shop/main …"
    stage.planetscale.lift(slow)
    await stage.settle()
    assert "Source keyspace" in read(stage)


async def test_keyspaces_that_cannot_be_read(http_stage: Stage) -> None:
    """The form says what happened and how to go on; trying again brings the fields, with what was typed."""
    stage = http_stage
    furnish(stage)
    broken = stage.planetscale.trouble("forbidden", on="keyspaces", times=None)
    await stage.type("create shop main --name users-to-customer -i")
    said = read(stage)
    assert "[Try again]" in said
    assert "Nothing was sent." in said
    assert "Source keyspace" not in said
    stage.planetscale.lift(broken)
    await choose(stage, "cf_again")
    assert held(stage, "cf_name") == "users-to-customer"


async def test_a_branch_that_is_not_there(http_stage: Stage) -> None:
    """Another database or branch can be chosen in the same form."""
    stage = http_stage
    furnish(stage)
    await stage.type("create shop mian -i")
    assert "There is no database shop with a branch mian that this bot can see." in read(stage)
    await choose(stage, "cf_elsewhere")
    await search(stage, "cf_database")
    await choose(stage, "cf_database", "shop")
    assert await search(stage, "cf_branch", "ma") == ["main"]
    await choose(stage, "cf_branch", "main")
    assert "Copies tables to another keyspace on shop/main." in read(stage)


async def test_tables_that_cannot_be_read(http_stage: Stage) -> None:
    """Only the tables are missing then, the rest stays filled in, and trying again brings them."""
    stage = http_stage
    furnish(stage)
    await stage.type("create shop main -i")
    broken = stage.planetscale.trouble("forbidden", on="schema", times=None)
    await choose(stage, "cf_source", "commerce", NAMED)
    said = read(stage)
    assert "The tables of commerce could not be read." in said
    assert held(stage, "cf_name") == "users-to-customer"
    errors = await submit(stage, more={"cf_target:commerce": {"cf_target": "customer"}})
    assert errors == {"cf_source": NOT_YET}
    assert stage.changes == []
    stage.planetscale.lift(broken)
    await choose(stage, "cf_again", values=NAMED)
    assert await search(stage, "cf_tables") == ["addresses", "users"]


async def test_slack_refuses_what_the_form_should_show(http_stage: Stage) -> None:
    """A form that could not follow a choice says so when it is submitted, and follows then."""
    stage = http_stage
    furnish(stage)
    await stage.type("create shop main -i")
    stage.slack.fail("views.update", error="internal_error")
    source: Values = {"cf_source": {"cf_source": "commerce"}}
    await choose(stage, "cf_source", "commerce", NAMED)
    target = next(one for one in block_ids(stage) if one.startswith("cf_target:"))
    delivery = await stage.slack.submit(ANA, NAMED | source | {target: {"cf_target": "customer"}})
    assert delivery.body["errors"] == {"cf_source": NOT_YET}
    await stage.settle()
    assert (held(stage, "cf_source"), held(stage, "cf_target")) == ("commerce", "customer")
    assert await submit(stage, "users") == {}


def block_ids(stage: Stage, user: str = ANA) -> list[str]:
    """The blocks of somebody's form."""
    return [block["block_id"] for block in view(stage, user).body["blocks"]]


async def test_create_and_nothing_else(stage: Stage) -> None:
    """The form asks for the database and the branch first, among those that there are."""
    furnish(stage)
    stage.planetscale.add_workflow("shop-eu", 1, "cancelled", branch="next")
    assert await stage.type("create") == ""
    assert "In which database, and on which branch?" in read(stage)
    assert await search(stage, "cf_database") == ["shop", "shop-eu"]
    assert await search(stage, "cf_database", "EU") == ["shop-eu"]
    await choose(stage, "cf_database", "shop-eu")
    assert await search(stage, "cf_branch") == ["next"]
    await choose(stage, "cf_branch", "next")
    assert "on shop-eu/next." in read(stage)


async def test_create_and_a_database(http_stage: Stage) -> None:
    """With the database named, the form asks for the branch."""
    furnish(http_stage)
    await http_stage.type("create shop")
    assert held(http_stage, "cf_database") == "shop"
    await search(http_stage, "cf_branch")
    await choose(http_stage, "cf_branch", "main")
    assert "on shop/main." in read(http_stage)


async def test_a_thousand_tables(http_stage: Stage) -> None:
    """A search finds any of them, a hundred at a time; all of them are taken by one press."""
    stage = http_stage
    furnish(stage, {f"t{number:04}": 10 for number in range(1000)} | {"t_seq": 1})
    await opened(stage)
    assert len(await search(stage, "cf_tables")) == 100
    assert await search(stage, "cf_tables", "0999") == ["t0999"]
    assert "All 1,000 tables of commerce" in read(stage)
    assert await submit(stage, more=every(stage)) == {}
    assert len(stage.planetscale.workflow("shop", 3).tables) == 1000


def every(stage: Stage, user: str = ANA) -> Values:
    """The tick at "all tables", as it is offered."""
    blocks = view(stage, user).body["blocks"]
    block = next(block for block in blocks if block["block_id"].startswith("cf_every:"))
    return {block["block_id"]: {"cf_every": [block["element"]["options"][0]["value"]]}}


async def test_tables_with_odd_names(http_stage: Stage) -> None:
    """Names with signs, spaces and other alphabets are found, and sent as they are."""
    odd = ["a,b", "<!channel>", "naïve & co", 'say "so"', "таблица", "--force", ":tada:"]
    furnish(http_stage, dict.fromkeys(odd, 5))
    await opened(http_stage)
    assert set(await search(http_stage, "cf_tables")) == set(odd)
    assert await search(http_stage, "cf_tables", "& CO") == ["naïve & co"]
    assert await submit(http_stage, *odd) == {}
    assert {table.name for table in http_stage.planetscale.workflow("shop", 3).tables} == set(odd)


async def test_another_source_brings_other_tables(http_stage: Stage) -> None:
    """Only the tables of the chosen source can be chosen; those chosen before are forgotten."""
    stage = http_stage
    furnish(stage)
    await opened(stage)
    await search(stage, "cf_tables")
    chosen = NAMED | {"cf_tables:commerce": {"cf_tables": ["users"]}}
    await choose(stage, "cf_source", "lookup", chosen)
    assert await search(stage, "cf_tables") == ["countries"]
    assert (held(stage, "cf_tables"), held(stage, "cf_target")) == (None, "customer")
    await choose(stage, "cf_source", "customer", NAMED)
    assert held(stage, "cf_target") is None


async def test_the_global_keyspace(http_stage: Stage) -> None:
    """It is asked for only from unsharded to sharded, and is an unsharded one that is not the target."""
    stage = http_stage
    furnish(stage)
    await stage.type("create shop main -i")
    await choose(stage, "cf_source", "commerce", NAMED)
    await choose(stage, "cf_target", "lookup", NAMED)
    assert "Global keyspace" not in read(stage)
    await choose(stage, "cf_target", "customer", NAMED)
    block = next(b for b in view(stage).body["blocks"] if b["block_id"].startswith("cf_global:"))
    assert [option["value"] for option in block["element"]["options"]] == ["commerce", "lookup"]
    chosen = {block["block_id"]: {"cf_global": "lookup"}}
    assert await submit(stage, "users", more=chosen) == {}
    assert stage.planetscale.workflow("shop", 3).global_keyspace == "lookup"


async def test_what_is_wrong_stands_at_its_field(http_stage: Stage) -> None:
    """A name that cannot be, or no table: each is said where it is, and nothing is sent."""
    furnish(http_stage)
    await http_stage.type("create shop main -i")
    await choose(http_stage, "cf_source", "commerce", NAMED)
    await choose(http_stage, "cf_target", "customer", NAMED)
    delivery = await http_stage.slack.submit(ANA, {"cf_name": {"cf_name": "users to customer"}})
    assert delivery.body["errors"] == {
        "cf_name": "“users to customer” is not a workflow name: letters, digits, “-” and “_”, not beginning "
        "with “-”, at most 64.",
        "cf_tables:commerce": "Choose at least one table, or all of them.",
    }
    assert http_stage.changes == []


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


async def test_a_table_that_went_away_meanwhile(http_stage: Stage) -> None:
    """What is not there any more when the form is submitted is said at its field, and nothing is sent."""
    stage = http_stage
    furnish(stage)
    await opened(stage)
    await search(stage, "cf_tables")
    del stage.planetscale.world.databases["shop"].branches["main"].keyspaces["commerce"].tables["users"]
    assert await submit(stage, "users", "addresses") == {
        "cf_tables:commerce": "There is no table “users” in commerce. Did you mean “users_seq”?"
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
    ticked = every(stage)
    stage.planetscale.world.databases["shop"].branches["main"].keyspaces["commerce"].tables["invoices"] = 7
    await submit(stage, more=ticked)
    said = read(stage)
    assert "All 3 tables of commerce" in said
    assert "left out: “all tables”, because these are others now." in said
    assert stage.changes == []
    assert await submit(stage, more=every(stage)) == {}
    assert len(stage.planetscale.workflow("shop", 3).tables) == 3


async def test_a_branch_that_is_busy(http_stage: Stage) -> None:
    """The checks of `create` are shown in the form, before anything is asked for."""
    stage = http_stage
    furnish(stage)
    await opened(stage)
    stage.planetscale.add_workflow("shop", 5, "running", tables={"carts": 5})
    assert await submit(stage, "users") == {
        "cf_name": "main has workflow #5 already (running). One at a time: complete or cancel it first."
    }
    assert stage.cards() == []
    assert stage.changes == []


async def test_planetscale_is_too_slow_for_the_checks(http_stage: Stage) -> None:
    """The request is taken down in time all the same, and is checked before anything is sent."""
    stage = http_stage
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


async def test_two_people_with_the_form_open(stage: Stage) -> None:
    """Each sees and submits their own choices."""
    furnish(stage)
    stage.planetscale.add_workflow("crm", 1, "cancelled", source="rds", target="crm", tables={"notes": 5})
    await stage.type("create crm main -i", BEN)
    await opened(stage, ANA)
    await choose(stage, "cf_source", "rds", {"cf_name": {"cf_name": "notes-to-crm"}}, BEN)
    assert "on shop/main." in read(stage, ANA)
    assert "on crm/main." in read(stage, BEN)
    assert await search(stage, "cf_tables", user=BEN) == ["notes"]
    assert await search(stage, "cf_tables", user=ANA) == ["addresses", "users"]
    assert await submit(stage, "users", user=ANA) == {}
    assert stage.planetscale.workflow("shop", 3).source == "commerce"
    assert held(stage, "cf_name", BEN) == "notes-to-crm"


async def test_a_guest_sees_no_keyspaces(http_stage: Stage) -> None:
    """Who may not use the bot is told so, and PlanetScale is not asked."""
    furnish(http_stage)
    await http_stage.type("create shop main -i", GIL)
    said = read(http_stage, GIL)
    assert "Only full members of this workspace can use this bot." in said
    assert "commerce" not in said
    assert http_stage.asked == []


async def test_only_whom_the_policy_lets_ask() -> None:
    """A member whom the policy does not let ask about a database sees nothing of it."""
    policy = f'[approvals]\nrequesters = ["{ANA}", "{BEN}"]'
    async with open_stage(policy=policy) as stage:
        furnish(stage)
        await stage.type("create shop main -i", CHIOMA)
        assert "The policy does not let you ask about this." in read(stage, CHIOMA)
        assert stage.asked == []


async def test_flags_that_are_missing(http_stage: Stage) -> None:
    """The answer names them and has a button that opens the form with what was typed."""
    stage = http_stage
    furnish(stage)
    said = await stage.type(
        "create shop main --name users-to-customer --source-keyspace commerce --tables users"
    )
    assert said.splitlines()[0].startswith("--target-keyspace is missing.")
    assert "[Open the form]" in said
    assert await stage.press(ANA, "cf_open", stage.private()) == ""
    assert held(stage, "cf_name") == "users-to-customer"
    assert held(stage, "cf_source") == "commerce"
    await choose(stage, "cf_target", "customer")
    assert await submit(stage, "users") == {}
    assert stage.changes == ["POST shop/workflows"]


async def test_what_was_typed_and_is_not_there(http_stage: Stage) -> None:
    """The form says what of it cannot be chosen, and takes the rest."""
    furnish(http_stage)
    await http_stage.type(
        "create shop main -i --source-keyspace commerce --target-keyspace nowhere --tables x"
    )
    said = read(http_stage)
    assert "Cannot be chosen here, so left out: target keyspace nowhere; table x." in said
    assert held(http_stage, "cf_source") == "commerce"


async def test_slack_does_not_open_it(http_stage: Stage) -> None:
    """Whoever typed is told that there is no form, and that nothing was sent."""
    furnish(http_stage)
    http_stage.slack.fail("views.open", error="expired_trigger_id")
    said = await http_stage.type("create shop main -i")
    assert said.splitlines()[0] == "Slack did not open the form in time. Nothing was sent."


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
