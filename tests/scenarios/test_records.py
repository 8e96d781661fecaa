"""What the bot remembers: what waits, who asked and decided and why, what stands behind buttons."""

import pytest

from bot.demo.slack.people import ANA, BEN, CHIOMA, GIL, OLU
from tests.scenarios.conftest import MOVES, Stage, open_stage, text

REPLICAS = "switch-traffic shop 3 --replicas-only"


async def test_what_waits(http_stage: Stage) -> None:
    """`approvals` lists what waits, for whom, with links, and says when there is nothing."""
    stage = http_stage
    assert await stage.type("approvals") == "Nothing waits for anybody. What runs: /workflow"
    stage.planetscale.add_workflow("shop", 3, "verified_data")
    stage.planetscale.add_workflow("crm", 4, "copying", name="contacts")
    await stage.type(REPLICAS)
    await stage.type("cancel crm 4", BEN)
    assert await stage.type("approvals", CHIOMA) == text(
        """
        Waiting for people · 2
        Switch replica reads · shop #3 orders-to-customer · open
        Waiting for 1 approval · expires 03:44
        Asked by Ana · any full member here except Ana may approve
        Cancel · crm #4 contacts · open
        Waiting for 1 approval · expires 03:44
        Asked by Ben · any full member here except Ben may approve
        Next: look at a card, and decide there.
        """
    )
    link = stage.slack.live_markup(stage.private(CHIOMA))
    assert len(link) == 2
    assert stage.first.ts.replace(".", "") in link[0]
    await stage.press(ANA, "op_withdraw", stage.first)
    assert (await stage.type("approvals", CHIOMA)).startswith("Waiting for people · 1")


async def test_what_was_done(http_stage: Stage) -> None:
    """`history` says who asked, who approved or denied and why, when, and how it ended."""
    stage = http_stage
    assert await stage.type("history shop") == (
        "Nothing was asked for on shop through this bot. Now: /workflow list shop"
    )
    stage.planetscale.add_workflow("shop", 3, "verified_data")
    await stage.type(REPLICAS)
    await stage.press(BEN, "op_deny")
    await stage.slack.submit(BEN, {"reason": {"reason": "Not during the sale."}})
    await stage.settle()
    await stage.press(ANA, "op_ask_again", stage.first)
    await stage.press(ANA, "op_say_why")
    await stage.slack.submit(ANA, {"reason": {"reason": "The sale is over."}})
    await stage.settle()
    await stage.press(CHIOMA, "op_approve")
    await stage.pass_time(20, 1)
    await stage.type("reverse-traffic shop 3")
    await stage.press(ANA, "op_confirm", stage.private())
    await stage.pass_time(10, 1)
    await stage.type("cutover shop 3")
    assert await stage.type("history shop 3") == text(
        """
        History of shop #3
        today 02:14 · Reverse traffic · shop #3 orders-to-customer · open
        Done in 8 s · commerce has served everything again since 02:14
        Asked by Ana
        today 02:14 · Switch replica reads · shop #3 orders-to-customer · open
        Done in 14 s · customer served replica reads from 02:14
        Asked by Ana “The sale is over.” · approved by Chioma
        today 02:14 · Switch replica reads · shop #3 orders-to-customer · open
        Denied by @Ben at 02:14 · nothing was sent
        Asked by Ana · denied by Ben “Not during the sale.”
        Left out: 1 request refused before anybody else saw it.
        Now: /workflow show shop 3
        [Refused at once (1)]
        """
    )
    await stage.press(ANA, "qa_page.refused", stage.private())
    assert stage.slack.visible_text(stage.private()) == text(
        """
        History of shop #3 · refused at once
        today 02:14 · Cut over · shop #3 orders-to-customer
        Refused at 02:14 · nothing was sent
        Writes are still on commerce. Switch first.
        Asked by Ana
        Now: /workflow show shop 3
        [Back to the rest]
        """
    )
    assert await stage.type("history crm") == (
        "Nothing was asked for on crm through this bot. Now: /workflow list crm"
    )
    assert len(stage.changes) == 2


async def test_records_are_for_members(http_stage: Stage) -> None:
    """Guests and outsiders learn nothing from questions, and nothing from a card's buttons."""
    stage = http_stage
    stage.slack.channels[MOVES].members.add(OLU)
    stage.planetscale.add_workflow("shop", 3, "verified_data")
    await stage.type(REPLICAS)
    for user in (GIL, OLU):
        assert await stage.type("approvals", user) == text(
            """
            Only full members of this workspace can use this bot. Nothing was read. Ask one of them.
            """
        )
        assert await stage.type("history shop", user) == text(
            """
            Only full members of this workspace can use this bot. Nothing was read. Ask one of them.
            """
        )
        assert await stage.press(user, "op_all_checks") == text(
            """
            Only full members of this workspace can use this bot. Nothing was read. Ask one of them.
            """
        )


async def test_all_checks(http_stage: Stage) -> None:
    """Every check of the card, the worst first, in the reader's own time."""
    stage = http_stage
    stage.planetscale.add_workflow("shop", 3, "switched_primaries", ago=26 * 3600.0)
    await stage.type("cutover shop 3")
    assert await stage.press(BEN, "op_all_checks") == text(
        """
        Cut over, shop #3
        ⛔ Deletes the tables orders and line_items, with all rows, from commerce. They cannot be \
            brought back.
        Ends replication between commerce and customer and removes the routing rules: a query that still \
            names commerce for these tables fails from then on.
        ↩️ No way back for the tables. reverse-cutover only restores the routing rules. What is left of the \
            old tables is backups (last one: not known).
        ☐ By approving you state: the application no longer names commerce for these tables (it uses \
            @primary, @replica or no database name)
        ☐ By approving you state: errors and latency have been looked at since the switch
        Checks of shop #3 · read 03:14
        ⚠️ No backup of main in the 24 h before this check.
        ✅ Read at 03:14
        ✅ No request is running
        ✅ Nobody else asks for this
        ✅ State: switched (writes)
        ✅ Nothing is under way
        ✅ The state allows it
        ✅ This is no import
        ✅ The tables are named: orders and line_items
        ✅ Writes on customer since yesterday 01:14
        ✅ customer's VSchema has no require_explicit_routing
        ✅ Primaries were not switched over known differences
        """
    )
    assert len(stage.cards()) == 1


async def test_saying_why(http_stage: Stage) -> None:
    """The requester's reason stands on the card, without live markup; nobody else can put words there."""
    stage = http_stage
    stage.planetscale.add_workflow("shop", 3, "verified_data")
    await stage.type(REPLICAS)
    assert await stage.press(BEN, "op_say_why") == "Only Ana, who asked for this, can do that."
    assert stage.slack.view_of(BEN) is None
    await stage.press(ANA, "op_say_why")
    form = stage.slack.view_of(ANA)
    assert form is not None
    assert stage.slack.visible_text(form) == text(
        """
        Say why
        Why is this needed? It stands on the card []
        [Save]
        [Leave it]
        """
    )
    await stage.slack.submit(ANA, {"reason": {"reason": "<!channel> *month end*\n<@U0BEN> & so on"}})
    await stage.settle()
    assert stage.read() == text(
        """
        🔵 Moves reads · Switch replica reads · shop #3 orders-to-customer
        Why: “<!channel> *month end* <@U0BEN> & so on”
        Replica and read-only queries for orders and line_items move from commerce to customer; writes stay. \
            Deletes nothing.
        ↩️ Way back: /workflow reverse-traffic shop 3, at any time, without a second person.
        Asked by @Ana · any full member here except Ana may approve, until 02:44 · runs at once when approved
        ☐ Look first: replication lag in the dashboard. This bot does not read it.
        ✅ 7 checks passed at 02:14 · verified clean at 00:14
        [Approve] [Deny] [Withdraw] [Details] [Open in PlanetScale] [Ask someone]
        acme / shop / main · Writes: commerce
        """
    )
    assert stage.slack.live_markup(stage.card()) == ["user @Ana"]


async def test_a_reason_is_only_for_whoever_denied(http_stage: Stage) -> None:
    """The form of a Deny that was not counted changes nothing."""
    stage = http_stage
    stage.planetscale.add_workflow("shop", 3, "verified_data")
    await stage.type(REPLICAS)
    await stage.press(CHIOMA, "op_deny")
    form = stage.slack.view_of(CHIOMA)
    assert form is not None
    card = stage.read()
    form.user = GIL
    await stage.slack.submit(GIL, {"reason": {"reason": "because I say so"}}, form)
    await stage.settle()
    assert stage.read() == card


async def test_planetscales_words_stay_out_of_channels() -> None:
    """With hide_errors the channel reads that it refused, and one person the words, behind a button."""
    policy = '[[database]]\nmatch = "shop"\nhide_errors = true\n'
    async with open_stage(policy=policy) as stage:
        stage.planetscale.add_workflow("shop", 3, "verified_data")
        await stage.type(REPLICAS)
        said = "Duplicate entry 'ana@example.com' for key 'users.email'"
        stage.planetscale.trouble("refuse", on="mutation", text=said)
        await stage.press(BEN, "op_approve")
        assert stage.read() == text(
            """
            ⚠️ Refused · Switch replica reads · shop #3 orders-to-customer
            PlanetScale refused · replica reads are still on commerce (read back 02:14:10)
            What it said is kept out of channels.
            Next: look at the lag in the dashboard, wait until it is low, ask again.
            Asked by Ana · approved by Ben
            [Ask again] [Full text] [Details] [Open in PlanetScale]
            acme / shop / main · Writes: commerce
            """
        )
        assert stage.cards()[1:] == [
            text(
                """
                Did not happen: switch replica reads, shop #3. PlanetScale refused. Nothing changed. \
                    Writes: commerce.
                What it said is kept out of channels. @Ana @Ben
                """
            ),
        ]
        assert await stage.press(BEN, "op_full_text", stage.first) == text(
            """
            What PlanetScale said about shop #3
            Duplicate entry … for key 'users.email'
            """
        )
        written = f"{stage.slack.calls}"
        assert "ana@example.com" not in written


async def test_values_of_rows_are_nowhere(http_stage: Stage) -> None:
    """Values that MySQL quotes in its errors reach no card, no button and no log."""
    stage = http_stage
    stage.planetscale.add_workflow("shop", 3, "switched_replicas")
    await stage.type("switch-traffic shop 3")
    said = "Duplicate entry 'ana@example.com' for key 'users.email'"
    stage.planetscale.trouble("refuse", on="mutation", text=said)
    await stage.press(BEN, "op_approve")
    assert stage.read().splitlines()[2] == "It said: Duplicate entry … for key 'users.email'"
    assert "ana@example.com" not in f"{stage.slack.calls}"


@pytest.mark.parametrize(
    ("line", "note"),
    [
        ("history shop --format csv", "--format has no effect on history and was ignored."),
        ("verify-data shop 3 --format json", "--format has no effect on verify-data and was ignored."),
        ("approvals --debug", "--debug means nothing in chat and was ignored."),
    ],
)
async def test_what_has_no_effect_is_said(stage: Stage, line: str, note: str) -> None:
    """A flag that is accepted and does nothing is named at once; the rest of the line is carried out."""
    stage.planetscale.add_workflow("shop", 3, "running")
    answer = await stage.type(line)
    assert note in answer.splitlines()
    assert answer != note or stage.changes == ["PATCH shop/workflows/3/verify-data"]
