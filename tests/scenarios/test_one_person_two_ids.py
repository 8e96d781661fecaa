"""Enterprise Grid: one person has an id in each workspace, and one in the whole organization."""

from dataclasses import replace

import pytest

from bot.demo.slack.people import ANA, BEN, CHIOMA, DBAS
from bot.slack.approvers import MOST_COMPARED
from tests.scenarios.conftest import A_DAY, MOVES, Stage, open_stage

WANA, WBEN = "W0ANA", "W0BEN"
CUTOVER = ["PATCH shop/workflows/3/cutover"]


def on_a_grid(stage: Stage, user: str, whole: str) -> None:
    """The person can be met under both ids, and Slack says of both who that is."""
    person = replace(stage.slack.people[user], known_as=whole)
    stage.slack.people[user] = person
    stage.slack.people[whole] = replace(person, id=whole)
    stage.slack.channels[MOVES].members.add(whole)


async def asked(stage: Stage, by: str = ANA) -> None:
    on_a_grid(stage, ANA, WANA)
    on_a_grid(stage, BEN, WBEN)
    stage.planetscale.add_workflow("shop", 3, "switched_primaries", ago=A_DAY)
    await stage.type("cutover shop 3", by)


@pytest.mark.parametrize(("asks", "approves"), [(ANA, WANA), (WANA, ANA)])
async def test_nobody_approves_their_own_request_by_their_other_id(asks: str, approves: str) -> None:
    """Whoever asked under one id cannot approve under the other; somebody else can."""
    async with open_stage() as stage:
        await asked(stage, asks)
        told = await stage.press(approves, "op_approve", stage.first)
        assert told == "You asked for this, so somebody else has to approve it. You can withdraw it."
        assert stage.changes == []
        await stage.press(WBEN, "op_approve", stage.first)
        assert stage.changes == CUTOVER


async def test_one_person_counts_once() -> None:
    """Two approvals of one person are one, whichever ids they used."""
    async with open_stage(policy="[approvals]\nrequired = 2\n") as stage:
        await asked(stage)
        await stage.press(BEN, "op_approve", stage.first)
        told = await stage.press(WBEN, "op_approve", stage.first)
        assert told == "Your approval is counted already (1 of 2)."
        assert stage.changes == []
        await stage.press(CHIOMA, "op_approve", stage.first)
        assert stage.changes == CUTOVER


async def test_one_person_may_undo_under_the_other_id() -> None:
    """An approval can be taken back, and a request withdrawn, under the other id of the same person."""
    async with open_stage(policy="[approvals]\nrequired = 2\n") as stage:
        await asked(stage)
        await stage.press(BEN, "op_approve", stage.first)
        assert await stage.press(WBEN, "op_take_back", stage.first) == ""
        assert "2 full members here except Ana approve" in stage.read()
        assert await stage.press(WANA, "op_withdraw", stage.first) == ""
        assert stage.read().splitlines()[1].startswith("Withdrawn")


@pytest.mark.parametrize(("asks", "confirms"), [(ANA, WANA), (WANA, ANA)])
async def test_one_person_may_confirm_under_the_other_id(asks: str, confirms: str) -> None:
    """What only its requester can confirm is theirs to confirm under either id."""
    async with open_stage() as stage:
        on_a_grid(stage, ANA, WANA)
        stage.planetscale.add_workflow("shop", 3, "switched_primaries", ago=A_DAY)
        await stage.type("reverse-traffic shop 3", asks)
        question = stage.private(asks)
        question.only_for = confirms
        await stage.press(confirms, "op_confirm", question)
        assert stage.changes == ["PATCH shop/workflows/3/reverse-traffic"]


async def test_slack_says_who_that_is_only_later() -> None:
    """If Slack did not tell of the two ids when it was asked, it is found out before anything is sent."""
    async with open_stage() as stage:
        stage.planetscale.add_workflow("shop", 3, "switched_primaries", ago=A_DAY)
        await stage.type("cutover shop 3")
        on_a_grid(stage, ANA, WANA)
        await stage.press(WANA, "op_approve", stage.first)
        assert stage.changes == []
        assert "approval does not count any more: the same person asked for this" in stage.read()


@pytest.mark.parametrize("named", [BEN, WBEN])
@pytest.mark.parametrize("presses", [BEN, WBEN])
async def test_a_policy_may_name_either_id(named: str, presses: str) -> None:
    """Whom the policy names by one id approves under the other too."""
    async with open_stage(policy=f'[approvals]\napprovers = ["{named}"]\n') as stage:
        await asked(stage)
        await stage.press(presses, "op_approve", stage.first)
        assert stage.changes == CUTOVER


@pytest.mark.parametrize("named", [ANA, WANA])
@pytest.mark.parametrize("by", [ANA, WANA])
async def test_a_policy_that_names_only_the_requester_is_never_enough(named: str, by: str) -> None:
    """Whoever is the only approver cannot ask, under neither id: nobody would be left to approve."""
    async with open_stage(policy=f'[approvals]\napprovers = ["{named}"]\n') as stage:
        await asked(stage, by)
        assert stage.cards() == []


@pytest.mark.parametrize("held", [BEN, WBEN])
@pytest.mark.parametrize("presses", [BEN, WBEN])
async def test_a_group_may_hold_either_id(held: str, presses: str) -> None:
    """Who is in a group under one id approves under the other."""
    async with open_stage(policy=f'[approvals]\napprovers = ["{DBAS}"]\n') as stage:
        await asked(stage)
        stage.slack.world.usergroups[DBAS] = ("dbas", [CHIOMA, held])
        await stage.press(presses, "op_approve", stage.first)
        assert stage.changes == CUTOVER


@pytest.mark.parametrize("by", [ANA, WANA])
async def test_a_group_of_requesters_may_hold_either_id(by: str) -> None:
    """Who is in a group that may ask, under one id, asks and reads under the other."""
    async with open_stage(policy=f'[approvals]\nrequesters = ["{DBAS}"]\n') as stage:
        stage.slack.world.usergroups[DBAS] = ("dbas", [ANA])
        await asked(stage, by)
        assert len(stage.cards()) == 1
        assert "shop #3" in await stage.type("show shop 3", by)
        assert "does not let you" in await stage.type("show shop 3", CHIOMA)


async def test_a_group_that_is_too_large_to_compare() -> None:
    """Where too many members would have to be looked up, nothing counts, nobody is, and it is said why."""
    async with open_stage(policy=f'[approvals]\napprovers = ["{DBAS}"]\n') as stage:
        await asked(stage)
        others = [f"U0{number}" for number in range(MOST_COMPARED)]
        stage.slack.world.usergroups[DBAS] = ("dbas", [BEN, *others])
        before = len(stage.slack.calls_to("users.info"))
        told = await stage.press(WBEN, "op_approve", stage.first)
        assert f"the user group {DBAS}, and it has too many members to find out" in told
        assert len(stage.slack.calls_to("users.info")) - before <= 2
        assert stage.changes == []
        await stage.press(BEN, "op_approve", stage.first)
        assert stage.changes == CUTOVER


async def test_a_large_group_opens_the_way_back_to_nobody_else() -> None:
    """Also of what goes back, an id that a large group does not hold approves nothing; the one in it does."""
    policy = f'[approvals]\napprovers = ["{DBAS}"]\npeer = ["reverse-traffic"]\nconfirm = []\n'
    async with open_stage(policy=policy) as stage:
        on_a_grid(stage, ANA, WANA)
        on_a_grid(stage, BEN, WBEN)
        stage.planetscale.add_workflow("shop", 3, "switched_primaries", ago=A_DAY)
        others = [f"U0{number}" for number in range(MOST_COMPARED)]
        stage.slack.world.usergroups[DBAS] = ("dbas", [BEN, *others])
        await stage.type("reverse-traffic shop 3")
        await stage.press(WBEN, "op_approve", stage.first)
        assert stage.changes == []
        await stage.press(BEN, "op_approve", stage.first)
        assert stage.changes == ["PATCH shop/workflows/3/reverse-traffic"]


async def test_who_may_read_is_named_by_either_id() -> None:
    """Whom the policy names to ask, by either id, may read and ask under both."""
    async with open_stage(policy=f'[approvals]\nrequesters = ["{WANA}"]\n') as stage:
        await asked(stage)
        assert len(stage.cards()) == 1
        assert "shop #3" in await stage.type("show shop 3", ANA)
        assert "does not let you" in await stage.type("show shop 3", CHIOMA)
