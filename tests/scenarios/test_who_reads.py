"""Who is shown what the bot remembers: the policy's readers of a database, and nobody else."""

import pytest

from bot.demo.slack.people import ANA, BEN, CHIOMA, DBAS, GIL
from tests.scenarios.conftest import Stage, open_stage
from tests.scenarios.test_home import opened
from tests.scenarios.test_organizations import EU, SECTION, two

REFUSED = "The policy does not let you ask about this. Nothing was read. Ask somebody whom it names."
NOT_NOW = "Slack could not say who you are just now, so nothing was read. Try again in a minute."
NOT_SAID = (
    "Nothing was read. It depends on who is in the user group S0DBAS, and Slack says fatal_error. "
    "Try again in a minute."
)
LEFT_OUT = "What the policy does not let you read is left out."
PAYROLL = f'[[database]]\nmatch = "payroll"\nrequesters = ["{ANA}"]\n'
SHOP = f'[[database]]\nmatch = "shop"\nrequesters = ["{ANA}"]\n'
REPLICAS = "switch-traffic shop 3 --replicas-only"
TABLES = {f"table{number:02}": 5 for number in range(40)}


def shown_at_home(stage: Stage, user: str) -> str:
    """What somebody reads in their Home."""
    return stage.slack.visible_text(stage.slack.world.homes[user])


@pytest.mark.parametrize("line", ["", "approvals"])
async def test_what_runs_and_what_waits_is_for_readers(line: str) -> None:
    """Where a database has requesters, others neither see what runs and waits there, nor how much it is."""
    async with open_stage(policy=PAYROLL, watches=True, WORKFLOW_BOT_DATABASES="payroll") as stage:
        stage.planetscale.add_workflow("payroll", 3, "verified_data", name="salaries-move")
        await stage.type("switch-traffic payroll 3 --replicas-only")
        assert "salaries-move" in await stage.type(line, ANA)
        seen = await stage.type(line, CHIOMA)
        assert "salaries" not in seen
        assert "payroll" not in seen
        assert "· 1" not in seen
        assert seen.splitlines()[-1] == LEFT_OUT
        stage.planetscale.add_workflow("shop", 4, "verified_data", name="orders-move")
        await stage.type("switch-traffic shop 4 --replicas-only", BEN)
        seen = await stage.type(line, CHIOMA)
        assert "orders-move" in seen
        assert "· 1\n" in seen
        assert "payroll" not in seen


async def test_with_nothing_to_hide_nothing_is_left_out(http_stage: Stage) -> None:
    """Where the policy lets everybody read, no answer speaks of what it leaves out."""
    http_stage.planetscale.add_workflow("shop", 3, "verified_data")
    await http_stage.type(REPLICAS)
    for line in ("", "approvals"):
        assert LEFT_OUT not in await http_stage.type(line, BEN)
    await opened(http_stage, BEN)
    assert LEFT_OUT not in shown_at_home(http_stage, BEN)


async def test_who_may_read_nothing_is_told_so() -> None:
    """Whom no part of the policy lets read is refused in the same words everywhere."""
    policy = f'[approvals]\nrequesters = ["{ANA}"]\n[[database]]\nmatch = "crm"\napprovers = ["{BEN}"]\n'
    async with open_stage(policy=policy) as stage:
        for line in ("", "approvals", "history shop", "show shop 3"):
            assert await stage.type(line, CHIOMA) == REFUSED
        await opened(stage, CHIOMA)
        assert shown_at_home(stage, CHIOMA) == REFUSED


async def test_an_organization_that_i_may_not_ask_about() -> None:
    """Whoever may not read in an organization sees nothing that waits there, and not its name."""
    async with two(SECTION + f'requesters = ["{ANA}"]\n') as stage:
        await stage.type(f"{REPLICAS} --org {EU}")
        assert "in-europe" in await stage.type("approvals", ANA)
        assert f"--org={EU}" in await stage.type("", ANA)
        for line in ("approvals", ""):
            assert await stage.type(f"{line} --org {EU}", CHIOMA) == REFUSED
            seen = await stage.type(line, CHIOMA)
            assert "in-europe" not in seen
            assert EU not in seen


async def test_planetscales_words_are_for_readers() -> None:
    """The full text behind a card, which could hold values of rows, is for readers of that database only."""
    async with open_stage(policy=SHOP + "hide_errors = true\n") as stage:
        await stage.approved(REPLICAS, "verified_data", "refuse", said="Duplicate entry for secretkey")
        await stage.pass_time(30)
        assert "[Full text]" in stage.read()
        assert await stage.press(CHIOMA, "op_full_text", stage.first) == REFUSED
        assert await stage.press(BEN, "op_full_text", stage.first) == REFUSED
        assert "secretkey" in await stage.press(ANA, "op_full_text", stage.first)
        assert "secretkey" not in "\n".join(stage.cards())


async def test_whoever_can_approve_sees_what_they_approve() -> None:
    """What stands behind a card is for everybody who could approve it, and for no guest."""
    async with open_stage(policy=SHOP) as stage:
        stage.planetscale.add_workflow("shop", 3, "verified_data", tables=TABLES)
        await stage.type("cancel shop 3")
        assert "of shop #3" in await stage.press(CHIOMA, "op_all_checks", stage.first)
        assert "Only full members" in await stage.press(GIL, "op_all_checks", stage.first)


async def test_only_named_approvers_look_behind_a_card() -> None:
    """Where the policy names who asks and who approves, nobody else sees what stands behind a card."""
    policy = SHOP + f'approvers = ["{BEN}"]\n'
    async with open_stage(policy=policy) as stage:
        stage.planetscale.add_workflow("shop", 3, "verified_data")
        await stage.type("cancel shop 3")
        assert "Checks of shop #3" in await stage.press(BEN, "op_all_checks")
        assert await stage.press(CHIOMA, "op_all_checks") == REFUSED


async def test_a_question_to_one_person_stays_with_the_readers() -> None:
    """What only its requester has to confirm is nobody's to approve, so only readers look behind it."""
    async with open_stage(policy=SHOP) as stage:
        stage.planetscale.add_workflow("shop", 3, "verified_data")
        await stage.type("cancel shop 3")
        of_a_card = stage.first
        stage.planetscale.add_workflow("shop", 4, "switched_primaries", name="other-move")
        await stage.type("reverse-traffic shop 4")
        value = next(
            element["value"].partition(":")[0]
            for block in stage.private().blocks
            if block["type"] == "actions"
            for element in block["elements"]
        )
        assert await stage.press(CHIOMA, "op_all_checks", of_a_card, value=value) == REFUSED


@pytest.mark.parametrize("section", ["[approvals]", '[[database]]\nmatch = "shop"'])
@pytest.mark.parametrize("approver", [BEN, DBAS])
async def test_who_is_named_to_approve_may_read(section: str, approver: str) -> None:
    """Naming who asks does not shut out who approves: they read all that they decide about."""
    policy = f'{section}\nrequesters = ["{ANA}"]\napprovers = ["{approver}"]\n'
    async with open_stage(policy=policy) as stage:
        stage.planetscale.add_workflow("shop", 3, "verified_data", name="orders-move", tables=TABLES)
        await stage.type("cancel shop 3")
        assert "Checks of shop #3" in await stage.press(BEN, "op_all_checks", stage.first)
        assert "table39" in await stage.press(BEN, "op_all_checks", stage.first)
        for line in ("", "approvals", "history shop", "show shop 3"):
            assert "orders-move" in await stage.type(line, BEN)
        await opened(stage, BEN)
        assert "Waits for you · 1" in shown_at_home(stage, BEN)


async def test_who_is_named_to_approve_may_not_ask_for_that() -> None:
    """Reading is not asking: a named approver who is no requester can ask for no action."""
    policy = f'[[database]]\nmatch = "shop"\nrequesters = ["{ANA}"]\napprovers = ["{BEN}"]\n'
    async with open_stage(policy=policy) as stage:
        stage.planetscale.add_workflow("shop", 3, "verified_data")
        assert "The policy does not let you ask for this." in await stage.type(REPLICAS, BEN)
        assert stage.cards() == []


async def test_whom_only_a_database_names() -> None:
    """Who is named for one database alone finds it in their Home and in `/workflow`, and nothing else."""
    policy = f'[approvals]\nrequesters = ["{ANA}"]\n[[database]]\nmatch = "crm"\nrequesters = ["{BEN}"]\n'
    async with open_stage(policy=policy) as stage:
        stage.planetscale.add_workflow("crm", 3, "verified_data", name="contacts-move")
        stage.planetscale.add_workflow("shop", 4, "verified_data", name="orders-move")
        await stage.type("switch-traffic crm 3 --replicas-only", BEN)
        await stage.type("switch-traffic shop 4 --replicas-only", ANA)
        await opened(stage, BEN)
        seen = [shown_at_home(stage, BEN), await stage.type("", BEN), await stage.type("approvals", BEN)]
        assert "You asked for · 1" in seen[0]
        for one in seen:
            assert "contacts-move" in one
            assert "orders-move" not in one
            assert LEFT_OUT in one


async def test_a_group_that_slack_cannot_tell_is_no_refusal_by_the_policy() -> None:
    """If Slack does not say who is in a named group, nothing is read, and the answer says why."""
    policy = f'[[database]]\nmatch = "shop"\nrequesters = ["{ANA}", "{DBAS}"]\n'
    async with open_stage(policy=policy) as stage:
        stage.planetscale.add_workflow("shop", 3, "verified_data")
        stage.slack.fail("usergroups.users.list", error="fatal_error", times=None)
        assert await stage.type("show shop 3", CHIOMA) == NOT_SAID
        assert "orders" in await stage.type("show shop 3", ANA)
        assert LEFT_OUT in await stage.type("approvals", CHIOMA)


async def test_who_is_kept_from_something_is_told_so() -> None:
    """Where the sections of the policy overlap, nobody is told that nothing waits as if they saw it all."""
    policy = (
        f'[approvals]\napprovers = ["{CHIOMA}", "{BEN}"]\n'
        f'[[database]]\nmatch = "prod-*"\nrequesters = ["{ANA}"]\n'
        f'[[database]]\nmatch = "*-eu"\napprovers = ["{BEN}"]\n'
    )
    async with open_stage(policy=policy) as stage:
        assert "does not let you" in await stage.type("history prod-eu", CHIOMA)
        assert LEFT_OUT in await stage.type("approvals", CHIOMA)


async def test_a_group_that_slack_cannot_read_refuses_nobody_by_the_policy() -> None:
    """While Slack does not list the group that may read, people are told that, everywhere."""
    async with open_stage(policy=f'[approvals]\nrequesters = ["{DBAS}"]\n') as stage:
        stage.slack.fail("usergroups.users.list", error="fatal_error", times=None)
        said = {await stage.type(line, BEN) for line in ("history shop", "approvals", "")}
        assert said == {NOT_SAID}
