"""What the policy file changes: how many, who, and what may be done alone."""

from bot.demo.slack.people import ANA, BEN, CHIOMA
from tests.scenarios.conftest import open_stage, text, waits_until

REPLICAS = "switch-traffic shop 3 --replicas-only"
TWO = '[approvals]\nrequired = 2\napprovers = ["S0DBAS"]\n'


async def test_two_of_a_group() -> None:
    """With required = 2 the first approval is shown, counted once, and nothing is sent until the second."""
    async with open_stage(policy=TWO) as stage:
        stage.planetscale.add_workflow("shop", 3, "switched_primaries", ago=26 * 3600.0)
        await stage.type("cutover shop 3")
        assert waits_until(stage.read()) == "02:44"
        assert "still needed" not in stage.read()
        assert stage.card().text == text(
            """
            Ana asks to cut over shop #3: DELETES the tables orders, line_items from the \
                keyspace commerce for good. 2 approvals by 02:44 UTC.
            """
        )
        assert stage.dialog("op_approve") == text(
            """
            Cut over shop #3: delete 2 tables from commerce?
            orders and line_items are deleted from commerce (acme / shop / main) once 1 more has \
                approved. Nobody can bring them back. You state that the application no longer names \
                commerce for them and that you looked at errors since the switch. Nothing is deleted \
                yet.
            [Approve (1 of 2)] [Go back]
            danger
            """
        )
        await stage.press(BEN, "op_approve")
        assert stage.read() == text(
            """
            ⛔ Deletes · Cut over · shop #3 orders-to-customer
            ⛔ Deletes the tables orders and line_items, with all rows, from commerce for good. Queries \
                that still name commerce for them fail from then on.
            ↩️ No way back for the tables: reverse-cutover only restores the routing rules. What is left \
                is backups (last one: not known).
            Asked by @Ana · 2 of @dbas approve, until 02:44 · runs at once when approved
            ⚠️ No backup of main in the 24 h before this check.
            ☐ By approving you state: the application no longer names commerce for these tables (it uses \
                @primary, @replica or no database name)
            ☐ By approving you state: errors and latency have been looked at since the switch
            ✅ Ben approved at 02:14 · still needed: 1 more of @dbas
            ✅ 5 checks passed at 02:14 · writes on customer since yesterday 00:14 · customer's VSchema has \
                no require_explicit_routing
            [Approve deletion] [Deny] [Withdraw] [Say why] [Take my approval back] [Details] \
                [Open in PlanetScale] [Ask someone]
            acme / shop / main · Writes: customer
            """
        )
        assert stage.card().text == text(
            """
            Ana asks to cut over shop #3: DELETES the tables orders, line_items from the \
                keyspace commerce for good. 1 more approval by 02:44 UTC.
            """
        )
        assert stage.dialog("op_approve") == text(
            """
            Cut over shop #3: delete 2 tables from commerce?
            orders and line_items are deleted from commerce (acme / shop / main) as soon as you approve. \
                Nobody can bring them back. You state that the application no longer names commerce for \
                them and that you looked at errors since the switch.
            [Approve and delete] [Go back]
            danger
            """
        )
        assert await stage.press(BEN, "op_approve") == "Your approval is counted already (1 of 2)."
        assert stage.changes == []
        await stage.press(CHIOMA, "op_approve")
        await stage.pass_time(50)
        assert stage.read().splitlines()[4] == "Asked by Ana · approved by Ben and Chioma"
        assert stage.changes == ["PATCH shop/workflows/3/cutover"]


async def test_an_approval_of_two_is_taken_back() -> None:
    """Who approved may still take it back or deny, until it runs."""
    async with open_stage(policy=TWO) as stage:
        stage.planetscale.add_workflow("shop", 3, "verified_data")
        await stage.type(REPLICAS)
        assert await stage.press(BEN, "op_approve") == ""
        assert await stage.press(CHIOMA, "op_take_back") == "There is no approval of yours to take back."
        await stage.pass_time(120)
        await stage.press(BEN, "op_take_back")
        assert "Ben approved at 02:14 and took it back at 02:16" in stage.read().splitlines()
        assert waits_until(stage.read()) == "02:44"
        assert "still needed" not in stage.read()
        await stage.press(CHIOMA, "op_approve")
        assert "still needed: 1 more" in stage.read()
        await stage.press(CHIOMA, "op_deny")
        assert stage.read().splitlines()[1] == "Denied by @Chioma at 02:16 · nothing was sent"
        assert stage.changes == []


async def test_expired_with_one_of_two() -> None:
    """The reminder and the end say how many approvals there were."""
    async with open_stage(policy=TWO) as stage:
        stage.planetscale.add_workflow("shop", 3, "verified_data")
        await stage.type(REPLICAS)
        await stage.press(BEN, "op_approve")
        await stage.pass_time(31 * 60, 310)
        assert stage.read().splitlines()[1] == "Expired at 02:44 with 1 of 2 approvals · nothing was sent"
        assert stage.replies() == [
            "1 of 2 had approved at 02:29.",
            "Expired at 02:44 with 1 of 2 approvals. Nothing was sent. @Ana",
        ]
        assert stage.changes == []


async def test_only_who_is_named_approves() -> None:
    """Where the policy names approvers, another member's press is answered with whom to ask."""
    async with open_stage(policy='[approvals]\napprovers = ["U0CHIOMA"]\n') as stage:
        stage.planetscale.add_workflow("shop", 3, "verified_data")
        await stage.type(REPLICAS)
        assert "Chioma approves, until 02:44 · runs at once when approved" in stage.read()
        assert await stage.press(BEN, "op_approve") == text(
            """
            Approving this needs @Chioma. Ask one of them in the thread.
            """
        )
        assert await stage.press(BEN, "op_deny") == text(
            """
            Only people who could approve this, or Ana by withdrawing it, can stop it.
            """
        )
        assert stage.changes == []
        await stage.press(CHIOMA, "op_approve")
        assert stage.changes == ["PATCH shop/workflows/3/switch-replicas"]


async def test_a_group_that_slack_cannot_tell() -> None:
    """If Slack cannot say who is in the group, nothing counts, and the answer names the group."""
    async with open_stage(policy='[approvals]\napprovers = ["S0DBAS"]\n') as stage:
        stage.planetscale.add_workflow("shop", 3, "verified_data")
        await stage.type(REPLICAS)
        stage.slack.fail("usergroups.users.list", error="internal_error", times=3)
        assert await stage.press(BEN, "op_approve") == ""
        await stage.pass_time(10)
        assert stage.slack.visible_text(stage.private(BEN), BEN) == text(
            """
            This did not count. It depends on who is in the user group S0DBAS, and Slack says \
            internal_error. Try again in a minute.
            """
        )
        assert stage.changes == []
        await stage.press(BEN, "op_approve")
        assert stage.changes == ["PATCH shop/workflows/3/switch-replicas"]


async def test_somebody_who_left_the_group() -> None:
    """Who left the group approves nothing by it, from that moment on."""
    async with open_stage(policy='[approvals]\napprovers = ["S0DBAS"]\n') as stage:
        stage.planetscale.add_workflow("shop", 3, "verified_data")
        await stage.type(REPLICAS)
        stage.slack.world.usergroups["S0DBAS"] = ("dbas", [CHIOMA])
        assert await stage.press(BEN, "op_approve") == text(
            """
            Approving this needs a member of @dbas. Ask one of them in the thread.
            """
        )
        assert stage.changes == []


async def test_too_few_could_approve() -> None:
    """A request that nobody could approve is refused at once, instead of waiting in vain."""
    async with open_stage(policy=TWO) as stage:
        stage.planetscale.add_workflow("shop", 3, "verified_data")
        assert await stage.type(REPLICAS, BEN) == text(
            """
            The policy asks for 2 of a few people, and besides you there are not enough.
            Nothing was sent.
            """
        )
        assert stage.cards() == []


async def test_who_may_ask_is_a_policy() -> None:
    """Where the policy names requesters, others are told so, and nothing is posted."""
    async with open_stage(policy='[approvals]\nrequesters = ["U0ANA"]\n') as stage:
        stage.planetscale.add_workflow("shop", 3, "verified_data")
        assert await stage.type(REPLICAS, BEN) == text(
            """
            The policy does not let you ask for this. Nothing was sent. Ask somebody whom it names.
            """
        )
        assert stage.cards() == []
        assert await stage.type(REPLICAS) == ""
        assert len(stage.cards()) == 1


async def test_a_policy_may_trust_one_person() -> None:
    """Replica reads that the policy leaves to whoever asks are confirmed by them, not by a second person."""
    policy = '[approvals]\npeer = ["cutover", "complete", "cancel"]\nconfirm = ["switch-traffic", "retry"]\n'
    async with open_stage(policy=policy) as stage:
        stage.planetscale.add_workflow("shop", 3, "verified_data")
        assert await stage.type(REPLICAS) == text(
            """
            Switch replica reads of shop #3?
            Replica and read-only queries for orders and line_items move from commerce to customer.
            Writes, and reads that do not ask for a replica, stay on commerce.
            Deletes nothing.
            ↩️ Way back: /workflow reverse-traffic shop 3, at any time, without a second person.
            [Switch replica reads] [Not now] [Say why] [Open in PlanetScale]
            """
        )
        await stage.press(ANA, "op_confirm", stage.private())
        assert stage.read().splitlines()[-3] == "By Ana, without a second person"
        assert stage.changes == ["PATCH shop/workflows/3/switch-replicas"]


async def test_a_way_back_that_needs_two() -> None:
    """Where the policy asks a second person for the way back, the card does not promise it to one."""
    policy = '[approvals]\npeer = ["switch-traffic", "cutover", "complete", "cancel", "reverse-traffic"]\n'
    policy += 'confirm = ["reverse-cutover", "retry"]\n'
    async with open_stage(policy=policy) as stage:
        stage.planetscale.add_workflow("shop", 3, "switched_replicas")
        await stage.type("switch-traffic shop 3")
        assert stage.read().splitlines()[6] == text(
            """
            ✅ 8 checks passed at 02:14 · verified clean at 22:14
            """
        )
        stage.planetscale.add_workflow("crm", 4, "switched_primaries")
        await stage.type("reverse-traffic crm 4")
        assert stage.cards()[-1] == text(
            """
            🟠 Moves writes · Reverse traffic · crm #4 orders-to-customer
            All queries for orders and line_items go back to commerce: primary, replica and read-only. \
                Writes wait for seconds, some may fail. Deletes nothing.
            ❓ Whether the replication back, which carries the writes made on customer since today 00:14, is \
                healthy is not read by this bot.
            Asked by @Ana · any full member here except Ana may approve, until 02:44 · runs at once when \
                approved
            ✅ 1 check passed at 02:14
            [Approve] [Deny] [Withdraw] [Say why] [Details] [Open in PlanetScale] [Ask someone]
            acme / crm / main · Writes: customer
            """
        )
        assert stage.changes == []
