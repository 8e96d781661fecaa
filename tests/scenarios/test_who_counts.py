"""Whoever counts is looked up again before anything is sent: who left meanwhile counts no more."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from bot.demo.slack.faults import Fault
from bot.demo.slack.people import ANA, BEN, CHIOMA, DBAS
from tests.scenarios.conftest import A_DAY, MOVES, Stage, open_stage, waits_until

TWO = "[approvals]\nrequired = 2\n"
OF_A_GROUP = f'[approvals]\nrequired = 2\napprovers = ["{DBAS}", "{ANA}"]\n'
DEV = "U0DEV"
CUTOVER = ["PATCH shop/workflows/3/cutover"]
Change = Callable[[Stage], None]


def becomes(who: str, **how: Any) -> Change:
    def change(stage: Stage) -> None:
        stage.slack.people[who] = replace(stage.slack.people[who], **how)

    return change


def leaves_the_group(stage: Stage) -> None:
    stage.slack.world.usergroups[DBAS][1].remove(BEN)


def unknown(stage: Stage) -> None:
    del stage.slack.people[BEN]


LEAVING = {
    "deactivated": (TWO, becomes(BEN, deleted=True), "no longer a member"),
    "a guest": (TWO, becomes(BEN, restricted=True), "a guest by now"),
    "a guest of one channel": (TWO, becomes(BEN, ultra_restricted=True), "a guest by now"),
    "of another company": (TWO, becomes(BEN, stranger=True, team="T0OTHER"), "no longer a member"),
    "not visible": (TWO, becomes(BEN, visible=False), "no longer a member"),
    "not known": (TWO, unknown, "no longer a member"),
    "out of the group": (OF_A_GROUP, leaves_the_group, "no longer among the named approvers"),
}


async def asked(stage: Stage, line: str = "cutover shop 3") -> None:
    """Ana asks for a cutover; Dev is there as well."""
    stage.slack.people[DEV] = replace(stage.slack.people[CHIOMA], id=DEV, name="Dev")
    stage.slack.world.usergroups[DBAS][1].append(DEV)
    stage.slack.channels[MOVES].members.add(DEV)
    stage.planetscale.add_workflow("shop", 3, "switched_primaries", ago=A_DAY)
    await stage.type(line)


@pytest.mark.parametrize("case", LEAVING)
async def test_who_left_before_the_last_approval_does_not_count(case: str) -> None:
    """Their approval is dropped, the card says whose and why, and it waits for somebody else."""
    policy, change, why = LEAVING[case]
    async with open_stage(policy=policy) as stage:
        await asked(stage)
        await stage.press(BEN, "op_approve", stage.first)
        change(stage)
        await stage.pass_time(90, 30)
        assert await stage.press(CHIOMA, "op_approve", stage.first) == ""
        assert stage.changes == []
        card = stage.read().splitlines()
        assert waits_until(stage.read()) == "02:44"
        assert f"Ben's approval does not count any more: {why}" in card
        assert any(line.startswith("✅ Chioma approved at 02:15 · still needed: 1 more") for line in card)
        await stage.press(DEV, "op_approve", stage.first)
        assert stage.changes == CUTOVER


async def test_nobody_reads_approved_by_somebody_who_left() -> None:
    """It is found as the last approval comes in, also while PlanetScale is down and nothing can be sent."""
    async with open_stage(policy=TWO) as stage:
        await asked(stage)
        await stage.press(BEN, "op_approve", stage.first)
        becomes(BEN, deleted=True)(stage)
        stage.planetscale.trouble("down", times=None)
        await stage.press(CHIOMA, "op_approve", stage.first)
        card = stage.read().splitlines()
        assert waits_until(stage.read()) == "02:44"
        assert "Ben's approval does not count any more: no longer a member" in card


async def test_who_comes_back_may_approve_again() -> None:
    """A dropped approval does not come back by itself; its giver may press again."""
    async with open_stage(policy=TWO) as stage:
        await asked(stage)
        await stage.press(BEN, "op_approve", stage.first)
        becomes(BEN, deleted=True)(stage)
        await stage.press(CHIOMA, "op_approve", stage.first)
        becomes(BEN, deleted=False)(stage)
        await stage.pass_time(60, 30)
        assert stage.changes == []
        assert await stage.press(BEN, "op_approve", stage.first) == ""
        assert stage.changes == CUTOVER


async def test_who_leaves_before_it_is_sent_does_not_count() -> None:
    """While PlanetScale keeps an approved request waiting, its approvers are looked up before each try."""
    async with open_stage() as stage:
        await asked(stage)
        busy = stage.planetscale.trouble("rate-limited", on="mutation", times=None)
        await stage.press(BEN, "op_approve", stage.first)
        tried = len(stage.changes)
        becomes(BEN, deleted=True)(stage)
        stage.planetscale.lift(busy)
        await stage.pass_time(240, 15)
        assert len(stage.changes) == tried
        card = stage.read().splitlines()
        assert waits_until(stage.read()) == "02:44"
        assert "Ben's approval does not count any more: no longer a member" in card
        await stage.press(CHIOMA, "op_approve", stage.first)
        assert len(stage.changes) == tried + 1


async def test_it_waits_no_longer_than_it_would_have() -> None:
    """What waits again after an approval was dropped has the time that it had left, and then ends."""
    async with open_stage(policy=TWO) as stage:
        await asked(stage)
        await stage.press(BEN, "op_approve", stage.first)
        becomes(BEN, deleted=True)(stage)
        await stage.press(CHIOMA, "op_approve", stage.first)
        await stage.pass_time(31 * 60, 310)
        assert stage.read().splitlines()[1] == "Expired at 02:44 with 1 of 2 approvals · nothing was sent"
        assert stage.changes == []


async def test_in_doubt_it_is_asked_again() -> None:
    """While Slack does not say whether an approver still counts, nothing is sent, and the card says so."""
    async with open_stage(policy=TWO) as stage:
        await asked(stage)
        await stage.press(BEN, "op_approve", stage.first)
        stage.slack.faults.add(
            Fault(method="users.info", how="error", error="fatal_error", times=None, about=BEN)
        )
        await stage.press(CHIOMA, "op_approve", stage.first)
        await stage.pass_time(60, 5)
        assert stage.changes == []
        stage_line = stage.read().splitlines()[1]
        assert "· Slack does not say whether Ben still counts (" in stage_line
        assert stage_line.endswith(", until 02:19")
        stage.slack.faults.heal()
        await stage.pass_time(10)
        assert stage.changes == CUTOVER
        assert "Slack does not say" not in stage.read()


async def test_in_doubt_until_the_end_nothing_is_sent() -> None:
    """If Slack does not say it within the five minutes, the request ends, and its card says why."""
    async with open_stage(policy=OF_A_GROUP) as stage:
        await asked(stage)
        await stage.press(BEN, "op_approve", stage.first)
        stage.slack.faults.add(Fault(method="users.info", how="status", status=503, times=None, about=BEN))
        await stage.press(CHIOMA, "op_approve", stage.first)
        await stage.pass_time(330, 30)
        card = stage.read().splitlines()
        assert card[1] == "Approved at 02:14, but it could not be sent by 02:19 · nothing was sent"
        assert "Slack does not say whether Ben still counts." in card
        stage.slack.faults.heal()
        await stage.pass_time(60, 10)
        assert stage.changes == []


async def test_a_group_that_cannot_be_read_any_more_is_a_doubt() -> None:
    """If the group of an approver cannot be read at the end, the card names it, and nothing is sent."""
    async with open_stage(policy=OF_A_GROUP) as stage:
        await asked(stage)
        await stage.press(BEN, "op_approve", stage.first)
        busy = stage.planetscale.trouble("server-error", on="read", times=None)
        await stage.press(CHIOMA, "op_approve", stage.first)
        del stage.slack.world.usergroups[DBAS]
        stage.planetscale.lift(busy)
        await stage.pass_time(30, 5)
        assert stage.changes == []
        assert "depends on who is in the user group S0DBAS, and Slack knows no such group" in stage.read()


@pytest.mark.parametrize(
    ("how", "why"),
    [({"deleted": True}, "no longer a member"), ({"restricted": True}, "a guest by now")],
)
async def test_a_request_of_somebody_who_left_ends(how: dict[str, bool], why: str) -> None:
    """Nobody is left who asked for it: it ends when the last approval comes in, and says so."""
    async with open_stage() as stage:
        await asked(stage)
        becomes(ANA, **how)(stage)
        await stage.press(BEN, "op_approve", stage.first)
        assert stage.changes == []
        assert "Out of date" in stage.read()
        assert f"It was asked by Ana, who is {why}." in stage.read()


async def test_what_was_approved_ends_when_its_requester_leaves() -> None:
    """The requester is looked up before each try as well, also of what needs nobody's consent."""
    for line in ("cutover shop 3", "verify-data shop 4"):
        async with open_stage() as stage:
            await asked(stage)
            stage.planetscale.add_workflow("shop", 4, "running", branch="two")
            busy = stage.planetscale.trouble("rate-limited", on="mutation", times=None)
            if line.startswith("verify"):
                await stage.type(line)
            else:
                await stage.press(BEN, "op_approve", stage.first)
            tried = len(stage.changes)
            becomes(ANA, deleted=True)(stage)
            stage.planetscale.lift(busy)
            await stage.pass_time(30, 5)
            assert len(stage.changes) == tried
            assert "It was asked by Ana, who is no longer a member." in stage.read(stage.card())


async def test_what_goes_back_goes_back_all_the_same() -> None:
    """Whoever confirmed a way back may be gone, and Slack in doubt: traffic goes back."""
    async with open_stage() as stage:
        await asked(stage, "reverse-traffic shop 3")
        busy = stage.planetscale.trouble("rate-limited", on="mutation", times=None)
        await stage.press(ANA, "op_confirm", stage.private())
        tried = len(stage.changes)
        becomes(ANA, deleted=True)(stage)
        stage.slack.fail("users.info", error="fatal_error", times=None)
        stage.planetscale.lift(busy)
        await stage.pass_time(30, 5)
        assert len(stage.changes) == tried + 1


async def test_a_group_is_not_remembered_over_a_decision() -> None:
    """Who left a group a second ago approves nothing by it, and who joined it does."""
    async with open_stage(policy=f'[approvals]\napprovers = ["{DBAS}"]\n') as stage:
        await asked(stage)
        stage.slack.world.usergroups[DBAS] = ("dbas", [CHIOMA])
        assert "Approving this needs" in await stage.press(BEN, "op_approve", stage.first)
        stage.slack.world.usergroups[DBAS] = ("dbas", [BEN])
        assert "Approving this needs" in await stage.press(CHIOMA, "op_approve", stage.first)
        await stage.press(BEN, "op_approve", stage.first)
        assert stage.changes == CUTOVER


async def test_a_stranger_holds_up_nobody() -> None:
    """However many press whom Slack does not name, a member's press counts at once."""
    async with open_stage() as stage:
        await asked(stage)
        for user in (DEV, CHIOMA):
            stage.slack.faults.add(
                Fault(method="users.info", how="error", error="fatal_error", times=None, about=user)
            )
            for button in ("op_approve", "op_deny"):
                await stage.slack.press(user, stage.first, button)
        await stage.pass_time(1)  # their presses are put aside by now
        began = stage.clock.now()
        await stage.press(BEN, "op_approve", stage.first)
        assert stage.changes == CUTOVER
        assert (stage.clock.now() - began).total_seconds() < 5
        await stage.pass_time(12)
        told = [stage.slack.visible_text(one, DEV) for one in stage.slack.ephemeral_for(DEV)]
        assert len(told) == 2
        assert all("Slack could not say who you are just now" in one for one in told)


@pytest.mark.parametrize("error", ["user_not_found", "user_not_visible"])
async def test_whom_slack_does_not_know_is_not_from_here(error: str) -> None:
    """A stranger is told at once that only members may, not to press again."""
    async with open_stage() as stage:
        await asked(stage)
        stage.slack.faults.add(Fault(method="users.info", how="error", error=error, times=None, about=BEN))
        told = await stage.press(BEN, "op_approve", stage.first)
        assert (
            told == "Only full members of this workspace can approve. Nothing was changed. Ask one of them."
        )
        assert stage.changes == []
        told = await stage.type("cutover shop 3", BEN)
        assert (
            told == "Only full members of this workspace can ask for this. Nothing was sent. Ask one of them."
        )
