"""Somebody is called: by a waiting card, at half time, and by trouble, as the policy's `notify` says."""

import pytest

from bot.demo.slack.people import ANA, BEN, CHIOMA, DBAS, DEE, GIL
from tests.scenarios.conftest import A_DAY, MOVES, Stage, open_stage
from tests.scenarios.watched import outside

ONCALL = "S0ONCALL"
GONE = "S0GONE"
REPLICAS = "switch-traffic shop 3 --replicas-only"
HALF = 16 * 60


def verified(stage: Stage) -> None:
    stage.slack.world.usergroups[ONCALL] = ("oncall", [CHIOMA])
    stage.planetscale.add_workflow("shop", 3, "verified_data")


def heard(stage: Stage, user: str) -> int:
    """How many messages in the channel notified somebody."""
    return len([one for one in stage.slack.heard(user) if one.channel == MOVES])


def stated(**keys: object) -> str:
    """A policy that states these keys."""
    lines = (f"{name} = {str(value).replace(chr(39), chr(34))}" for name, value in keys.items())
    return "\n".join(["[approvals]", *lines, ""])


async def test_a_waiting_card_calls_whom_the_policy_names() -> None:
    """Where any member may approve, the card mentions those whom `notify` names, once, and nobody else."""
    async with open_stage(policy=stated(notify=[ONCALL, ANA])) as stage:
        verified(stage)
        await stage.type(REPLICAS)
        assert "· Called: @oncall" in stage.read()
        assert [heard(stage, user) for user in (CHIOMA, BEN)] == [1, 0]
        await stage.press(BEN, "op_approve")
        assert [heard(stage, user) for user in (CHIOMA, BEN)] == [1, 0]
        assert "Called" not in stage.read()


async def test_the_named_approvers_are_called_by_themselves() -> None:
    """Without `notify` the named approvers are called where the card says who may approve."""
    async with open_stage(policy=stated(approvers=[BEN, ONCALL])) as stage:
        verified(stage)
        await stage.type(REPLICAS)
        assert "1 of @oncall or @Ben approves" in stage.read()
        assert "Called" not in stage.read()
        assert [heard(stage, user) for user in (BEN, CHIOMA)] == [1, 1]


async def test_many_named_approvers_are_all_called() -> None:
    """Where the card only says how many may approve, they are called on a line of their own."""
    async with open_stage(policy=stated(approvers=[BEN, ONCALL, GIL, DEE])) as stage:
        verified(stage)
        await stage.type(REPLICAS)
        assert "1 of 4 named approvers approves" in stage.read()
        assert [heard(stage, user) for user in (BEN, CHIOMA, GIL)] == [1, 1, 1]


@pytest.mark.parametrize("named", [[], [BEN]])
async def test_who_is_not_named_is_not_called(named: list[str]) -> None:
    """Where `notify` names others, or nobody, the approvers are not called, and the card mentions none."""
    async with open_stage(policy=stated(approvers=[ONCALL], notify=named)) as stage:
        verified(stage)
        await stage.type(REPLICAS)
        assert "1 of the named approvers approves" in stage.read()
        assert (heard(stage, CHIOMA), heard(stage, BEN)) == (0, len(named))
        await stage.press(CHIOMA, "op_approve")
        assert stage.changes == ["PATCH shop/workflows/3/switch-replicas"]


async def test_a_dead_group_and_a_guest_hold_up_nothing() -> None:
    """Whoever else is named is called, and the card can be approved as ever."""
    async with open_stage(policy=stated(notify=[GONE, GIL, BEN])) as stage:
        verified(stage)
        await stage.type(REPLICAS)
        assert [heard(stage, user) for user in (BEN, GIL)] == [1, 1]
        assert (await stage.press(GIL, "op_approve")).startswith("Only full members")
        await stage.press(BEN, "op_approve")
        assert stage.changes == ["PATCH shop/workflows/3/switch-replicas"]


async def test_a_mention_that_slack_refuses_costs_no_card() -> None:
    """If Slack refuses the card for what it mentions, it comes plainer, with its buttons."""
    async with open_stage(policy=stated(notify=[GONE])) as stage:
        verified(stage)
        stage.slack.fail("chat.postMessage", error="invalid_blocks")
        await stage.type(REPLICAS)
        assert "Called: @S0GONE" in stage.read()
        assert stage.slack.live_markup(stage.first) == []
        await stage.press(BEN, "op_approve")
        assert stage.changes == ["PATCH shop/workflows/3/switch-replicas"]


async def test_half_time_calls_them_again() -> None:
    """At half time those who are named and have not approved are called once more; who asked is not."""
    async with open_stage(policy=stated(required=2, approvers=[ONCALL, BEN, ANA])) as stage:
        verified(stage)
        await stage.type(REPLICAS)
        await stage.press(BEN, "op_approve")
        before = {user: heard(stage, user) for user in (ANA, BEN, CHIOMA)}
        await stage.pass_time(HALF, 120)
        assert stage.replies() == ["1 of 2 approvals so far; the request expires at 02:44. @oncall"]
        assert {user: heard(stage, user) - before[user] for user in before} == {ANA: 0, BEN: 0, CHIOMA: 1}
        await stage.pass_time(10 * 60, 120)
        assert len(stage.replies()) == 1


@pytest.mark.parametrize("state", ["running", "switched_replicas"])
async def test_an_error_calls_them(state: str) -> None:
    """An error of a workflow calls whom `notify` names for its database."""
    policy = stated(notify=[BEN]) + f'[[database]]\nmatch = "shop"\nnotify = ["{ONCALL}"]\n'
    async with open_stage(watches=True, policy=policy) as stage:
        verified(stage)
        stage.planetscale.add_workflow("shop", 3, state)
        await stage.type("watch shop 3")
        stage.planetscale.trouble("error", database="shop", number=3)
        await stage.pass_time(40, 5)
        assert "@oncall" in stage.read(stage.card())
        assert (heard(stage, CHIOMA), heard(stage, BEN)) == (1, 0)


async def test_a_switch_outside_the_bot_calls_them() -> None:
    """What is done without the two-person rule calls whom `notify` names, whoever may approve."""
    async with open_stage(watches=True, policy=stated(notify=[DBAS], approvers=[CHIOMA])) as stage:
        stage.planetscale.add_workflow("shop", 3, "switched_primaries", ago=A_DAY)
        await stage.type("watch shop 3")
        await outside(stage, "cutover")
        assert stage.slack.live_markup(stage.card()) == ["user @Ana", "usergroup @dbas"]


async def test_a_request_that_broke_off_calls_them() -> None:
    """Where the bot's own request broke off, they are called beside who asked and who approved."""
    async with open_stage(policy=stated(notify=[ONCALL])) as stage:
        verified(stage)
        await stage.type(REPLICAS)
        stage.planetscale.trouble("ends-in-error")
        await stage.press(BEN, "op_approve")
        await stage.pass_time(60, 5)
        assert "@Ana @Ben @oncall" in stage.cards()[-1]
        assert heard(stage, CHIOMA) == 2  # the card, then this
