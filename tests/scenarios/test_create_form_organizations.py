"""The create form where there are several organizations: it is about the one that was meant, and says so."""

import pytest

from bot.demo.slack.people import ANA, BEN
from tests.scenarios.conftest import open_stage
from tests.scenarios.forms import NAMED, choose, furnish, held, read, search, submit
from tests.scenarios.test_organizations import EU, changes, elsewhere, two

NO_NAME = "is not an organization name"


@pytest.mark.parametrize(
    ("line", "meant"),
    [
        ("create --org acme–eu", "/workflow create --org=acme-eu"),
        ("create shop --org acme–eu", "/workflow create shop --org=acme-eu"),
        ("create shop main --org acme–eu", "/workflow create shop main -i --org=acme-eu"),
        ("create shop main --name x --org acme–eu", "/workflow create shop main --name=x -i --org=acme-eu"),
        ("create shop --org 'acme.eu'", None),
        ("create -i --org=“acme eu”", None),
    ],
)
async def test_an_organization_that_is_no_name(line: str, meant: str | None) -> None:
    """No form opens, and none is offered: the answer says what is wrong, and what was probably meant."""
    async with two() as stage:
        said = await stage.type(line)
        assert NO_NAME in said
        assert "[Open the form]" not in said
        assert ("Did you mean" in said) == (meant is not None)
        assert f"{meant or ''}" in said
        assert stage.slack.view_of(ANA) is None


@pytest.mark.parametrize(
    "line",
    [
        "create shop main --org",
        "create shop --org=",
        "create shop --ogr acme-eu",
        "create shop main -o acme-eu",
        "create -oacme-eu",
    ],
)
async def test_an_organization_that_is_not_there(line: str) -> None:
    """The same where its name is missing, or the flag is misspelt; the answer names the flag."""
    async with two() as stage:
        said = await stage.type(line)
        assert "[Open the form]" not in said
        assert "--org" in said
        assert stage.slack.view_of(ANA) is None


async def test_what_is_suggested_opens_the_right_form() -> None:
    """The line that is suggested, pasted, opens the form of the organization that was meant."""
    async with two() as stage:
        elsewhere(stage).add_workflow("shop", 3, "cancelled")
        await stage.type("create shop main --name x -i --org=acme-eu")
        assert f"Organization: {EU}" in read(stage)
        assert held(stage, "cf_name") == "x"


async def test_a_line_too_long_for_a_button() -> None:
    """The button leads to the place in its organization; the answer says that the rest is chosen anew."""
    async with two() as stage:
        elsewhere(stage).add_workflow("shop", 3, "cancelled")
        tables = ",".join(f"a_table_with_a_long_name_{number:03}" for number in range(75))
        said = await stage.type(f"create shop main --org {EU} --source-keyspace commerce --tables {tables}")
        assert (
            "Your line is too long for the button: in the form, choose anew what it says with flags." in said
        )
        await stage.press(ANA, "cf_open", stage.private())
        assert f"{EU}/shop/main" in read(stage)
        assert held(stage, "cf_source") is None


async def test_a_long_line_that_names_a_database_only() -> None:
    """The form then asks for the branch, in the same organization."""
    async with two() as stage:
        await stage.type(f"create shop --org {EU} --name x --tables {'t,' * 1_000}")
        await stage.press(ANA, "cf_open", stage.private())
        assert held(stage, "cf_database") == "shop"
        assert await search(stage, "cf_branch") == ["main"]
        assert not stage.planetscale.requests


async def test_the_form_always_names_its_organization() -> None:
    """The default one too, from its first view to the last; where there is only one, none is named."""
    async with two() as stage:
        furnish(stage)
        await stage.type("create")
        assert read(stage).splitlines()[1] == "Organization: acme"
        await search(stage, "cf_database")
        await choose(stage, "cf_database", "shop")
        assert "Organization: acme" in read(stage)
        await search(stage, "cf_branch")
        await choose(stage, "cf_branch", "main")
        assert "Organization: acme" in read(stage)
    async with open_stage() as stage:
        furnish(stage)
        await stage.type("create shop main -i")
        assert "rganization" not in read(stage)


async def test_what_is_submitted_goes_to_the_organization_that_it_names() -> None:
    """A form that names the default organization creates there, and nothing elsewhere."""
    async with two() as stage:
        stage.planetscale.add_workflow("crm", 1, "cancelled", tables={"users": 1000})
        await stage.type("create crm main -i --org acme")
        await choose(stage, "cf_source", "commerce", NAMED)
        await choose(stage, "cf_target", "customer", NAMED)
        assert await submit(stage, "users") == {}
        assert len(changes(stage.planetscale)) == 1
        assert not elsewhere(stage).requests


async def test_who_is_named_for_one_database_may_begin_the_form() -> None:
    """Where only a database's section names somebody, `create` alone asks them in which database."""
    policy = f'[approvals]\nrequesters = ["{ANA}"]\n[[database]]\nmatch = "shop"\nrequesters = ["{BEN}"]\n'
    async with open_stage(policy=policy) as stage:
        furnish(stage)
        await stage.type("create", BEN)
        assert "In which database" in read(stage, BEN)
