"""`/workflow create … -i`: a form that opens at once, and asks for the same things as the flags."""

from bot.demo.slack.people import ANA, BEN, CHIOMA, GIL
from tests.scenarios.conftest import MOVES, Stage, open_stage
from tests.scenarios.forms import (
    NAMED,
    Values,
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

NOT_YET = "There are no tables of this keyspace to choose from yet. Try again in a moment."


async def test_from_the_form_to_the_workflow(stage: Stage) -> None:
    """What is chosen in the form is what the flags would have said, and the card is the same."""
    furnish(stage)
    await opened(stage)
    assert await search(stage, "cf_tables") == ["addresses", "users"]
    assert await submit(stage, "users", "addresses") == {}
    assert stage.slack.view_of(ANA) is None
    title, done, copies = stage.read().splitlines()[:3]
    assert (title, done) == (
        "▶️ Started · Create · shop users-to-customer",
        "Created · shop #3 users-to-customer",
    )
    assert copies.startswith("Copies users and addresses from commerce to customer on main. ")
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
        "These tables",
        "Target keyspace",
        "Global keyspace",
    ):
        assert f"\n{label} " in whole
    assert "All 2 tables of commerce" in whole
    assert "Tables [⋯: These tables | All 2 tables of commerce]" in whole
    assert "STOP: The workflow stops." in whole
    assert "EXEC_IGNORE: It is run on the target too, and a failure is ignored." in whole


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
    await choose_all(stage)
    assert await submit(stage) == {}
    assert len(stage.planetscale.workflow("shop", 3).tables) == 1000


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
