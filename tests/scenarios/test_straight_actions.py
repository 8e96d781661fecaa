"""`create` and `verify-data`: nothing waits for anybody, and nothing is made twice."""

from bot.demo.slack.people import ANA, BEN
from tests.scenarios.conftest import Stage, open_stage, text

CREATE = (
    "create shop main --name users-to-customer --source-keyspace commerce --target-keyspace customer "
    "--tables users,addresses"
)


def furnish(stage: Stage) -> None:
    """Two tables in an unsharded keyspace, and nothing in the way."""
    tables = {"users": 1_000_000, "addresses": 2_000_000}
    stage.planetscale.add_workflow("shop", 2, "cancelled", tables=tables)


async def test_creating_a_workflow(http_stage: Stage) -> None:
    """The card says what is copied, what it costs, and how to undo it, once PlanetScale has answered."""
    stage = http_stage
    furnish(stage)
    assert await stage.type(CREATE) == ""
    assert stage.read() == text(
        """
        ▶️ Started · Create · shop users-to-customer
        Created · shop #3 users-to-customer
        Copies users and addresses from commerce to customer on main. The copy puts load on commerce. \
            Deletes nothing; writes and reads stay on commerce. A schema change on these tables stops the \
            copy (STOP): hold deploy requests for them. main can have no other workflow until this one has \
            ended.
        ↩️ Way back: /workflow cancel shop 3 deletes the copies (a second person approves) · Next: nothing. \
            You are told when the copy is complete.
        Asked by Ana
        [Details] [Open in PlanetScale]
        acme / shop / main · Writes: commerce
        """
    )
    assert stage.first.text == text(
        """
        Created: shop #3 users-to-customer copies the tables users, addresses to customer. Writes and \
            reads stay on commerce.
        """
    )
    assert len(stage.slack.messages(stage.first.channel)) == 1
    assert stage.changes == ["POST shop/workflows"]
    assert " · started by Ana, " in await stage.type("show shop 3")


async def test_who_agreed_to_a_create_is_named() -> None:
    """Where the policy asks for a second person before a create, `show` names both afterwards."""
    async with open_stage(policy='[approvals]\npeer = ["create"]\n') as stage:
        furnish(stage)
        await stage.type(CREATE)
        await stage.press(BEN, "op_approve", stage.first)
        await stage.pass_time(60, 15)
        assert " · asked by Ana, approved by Ben, " in await stage.type("show shop 3")


async def test_a_create_whose_answer_is_lost(http_stage: Stage) -> None:
    """It is looked for in the list, found, and not created twice."""
    furnish(http_stage)
    http_stage.planetscale.trouble("lost-answer", on="create")
    await http_stage.type(CREATE)
    await http_stage.pass_time(10)
    assert http_stage.read().splitlines()[1] == "Created · shop #3 users-to-customer"
    assert http_stage.changes == ["POST shop/workflows"]


async def test_a_create_that_never_arrived(http_stage: Stage) -> None:
    """Nobody knows until two minutes have shown nothing; then it can be asked again."""
    stage = http_stage
    furnish(stage)
    stage.planetscale.trouble("cut-off", on="create")
    await stage.type(CREATE)
    assert stage.read() == text(
        """
        ❓ Not known · Create · shop users-to-customer
        Outcome not known · asked at 02:14:10, no clear answer
        Looking for a workflow named users-to-customer on main; it is not created twice.
        Asked by Ana
        [Details]
        acme / shop / main
        """
    )
    assert stage.cards()[1:] == [
        text(
            """
            Outcome not known: create users-to-customer. Looking for it; it is not created twice. @Ana
            """
        ),
    ]
    await stage.pass_time(125, 15)
    assert stage.read() == text(
        """
        ❓ Not seen to happen · Create · shop users-to-customer
        Not seen to be created · looked for 2 min (02:16:11)
        If it appears after all, that is told here.
        Asked by Ana
        [Ask again] [Details]
        acme / shop / main
        """
    )
    assert stage.cards()[2:] == [
        text(
            """
            Not seen to be created: users-to-customer in shop.
            If it appears after all, that is told. @Ana
            """
        ),
    ]
    assert stage.changes == ["POST shop/workflows"]
    await stage.press(ANA, "op_ask_again", stage.first)
    assert stage.cards()[-1].splitlines()[1] == "Created · shop #3 users-to-customer"
    assert stage.changes == ["POST shop/workflows"] * 2


async def test_a_create_that_is_refused(http_stage: Stage) -> None:
    """What PlanetScale said stands on the card, and that nothing was created."""
    stage = http_stage
    furnish(stage)
    stage.planetscale.trouble("refuse", on="create", text="the keyspace is resizing")
    await stage.type(CREATE)
    assert stage.read() == text(
        """
        ⚠️ Refused · Create · shop users-to-customer
        PlanetScale refused · nothing was created (read back 02:14:10)
        It said: the keyspace is resizing
        Next: go by what it says (change the request, or wait), then ask again.
        Asked by Ana
        [Ask again] [Details]
        acme / shop / main
        """
    )
    assert stage.cards()[1:] == [
        text(
            """
            Did not happen: create users-to-customer in shop. PlanetScale refused.
            It said: the keyspace is resizing. @Ana
            """
        ),
    ]
    assert stage.changes == ["POST shop/workflows"]


async def test_names_that_do_not_exist(http_stage: Stage) -> None:
    """A wrong name is said before anything is sent, with the nearest right one."""
    furnish(http_stage)
    for right, wrong, told in WRONG:
        assert await http_stage.type(CREATE.replace(f" {right}", f" {wrong}")) == f"{told}\nNothing was sent."
    assert await http_stage.type("cancel shop 33") == text(
        """
        There is no workflow 33 in shop. Active: none. All: /workflow list shop
        Nothing was sent.
        """
    )
    assert http_stage.changes == []


WRONG = [
    ("customer", "custmer", "There is no keyspace custmer in main. Did you mean customer?"),
    ("users,addresses", "users,adresses", "There is no table adresses in commerce. Did you mean addresses?"),
    (
        "shop",
        "shap",
        "There is no database shap in acme that this bot can see. All that you may read: /workflow list",
    ),
]


async def test_one_workflow_at_a_time(http_stage: Stage) -> None:
    """A branch with a workflow takes no second one, and the refusal names the first."""
    furnish(http_stage)
    http_stage.planetscale.add_workflow("shop", 3, "switched_primaries")
    assert await http_stage.type(CREATE) == text(
        """
        main has workflow #3 already (primaries switched). One at a time: complete or cancel it first.
        Nothing was sent.
        """
    )
    assert http_stage.changes == []


async def test_verifying_data(http_stage: Stage) -> None:
    """It starts at once, and says that it changes nothing."""
    stage = http_stage
    stage.planetscale.add_workflow("shop", 3, "running")
    assert await stage.type("verify-data shop 3") == ""
    assert stage.read() == text(
        """
        ▶️ Started · Verify data · shop #3 orders-to-customer
        Verification started at 02:14:10
        Compares every row of orders and line_items in commerce and customer. Takes minutes to hours and \
            reads both sides.
        Changes nothing. It cannot be stopped from here. The result comes here and mentions Ana.
        Asked by Ana
        [Details] [Open in PlanetScale]
        acme / shop / main · Writes: commerce
        """
    )
    refused = await stage.type("verify-data shop 3", BEN)
    assert refused == text(
        """
        shop #3 is verifying data. Wait for it to end.
        Nothing was sent.
        """
    )
    assert stage.changes == ["PATCH shop/workflows/3/verify-data"]
