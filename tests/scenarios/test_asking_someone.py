"""*Ask someone* on the card: only who may approve is offered and asked, in the thread and directly."""

from typing import Any

import pytest

from bot.demo.slack.payloads import block_suggestion
from bot.demo.slack.people import ANA, BEN, CHIOMA, DEE, GIL, OLU
from tests.scenarios.conftest import MOVES, Stage, open_stage
from tests.scenarios.restarting import restarted
from tests.scenarios.test_called import ONCALL, REPLICAS, stated, verified
from tests.scenarios.test_direct_copies import BEN_DM, BOTH, CHIOMA_DM, SENT, copies

ASK = "op_ask_someone"
NAMED = stated(approvers=[BEN, ONCALL])
IN_THREAD = "Ana asks for your approval (switch replica reads, shop #3) until 02:44. @Chioma"


async def asked(stage: Stage) -> None:
    verified(stage)
    await stage.type(REPLICAS)


async def offered(stage: Stage, user: str = ANA, typed: str = "") -> list[str]:
    """What somebody reads when they open the picker of the card."""
    found = await stage.slack.options(user, stage.first, ASK, typed)
    return [option["text"]["text"] for option in found]


async def ask(stage: Stage, whom: str, by: str = ANA) -> str:
    """Somebody chooses whom to ask; what that person alone then reads."""
    await stage.slack.options(by, stage.first, ASK)
    return await stage.press(by, ASK, stage.first, value=whom)


async def test_it_stands_on_the_card_at_once() -> None:
    """One person is asked once: mentioned in the thread, and in a direct message that leads to the card."""
    async with open_stage() as stage:
        await asked(stage)
        assert "[Ask someone]" in stage.read()
        assert await stage.press(ANA, ASK, value=CHIOMA) == ""
        await stage.press(ANA, ASK, stage.first, value=CHIOMA)
        assert stage.replies() == [IN_THREAD]
        (told,) = copies(stage, CHIOMA_DM)
        assert stage.read(told).startswith("Ana asks for your approval (switch replica reads, shop #3) until")
        assert stage.slack.live_markup(told) == [f"link open → {_link(stage)}"]
        assert stage.slack.messages(BEN_DM) == []


def _link(stage: Stage) -> str:
    card = stage.first
    return f"{stage.url}/archives/{MOVES}/p{card.ts.replace('.', '')}"


async def test_who_is_asked_may_decide_and_the_question_is_over() -> None:
    """Once nobody is waited for any more, the questions say so, in the thread and in the direct message."""
    async with open_stage() as stage:
        await asked(stage)
        await stage.press(ANA, ASK, value=CHIOMA)
        await stage.pass_time(10 * 60, 60)
        await stage.press(BEN, "op_approve", stage.first)
        assert stage.changes == SENT
        assert "Ana asked Chioma to approve this (switch replica reads, shop #3)." in [
            line.replace("@", "") for line in stage.replies()
        ]
        over = "Ana asked for your approval (switch replica reads, shop #3). It waits for nobody any more."
        assert stage.read(copies(stage, CHIOMA_DM)[0]) == f"{over} · open"


WHY_NOT = {
    ANA: "Nobody was asked: you asked for this, so somebody else has to approve it.",
    GIL: "Nobody was asked: Gil is no full member of this workspace, so they cannot approve.",
    DEE: "Nobody was asked: Dee is no full member of this workspace, so they cannot approve.",
    OLU: "Nobody was asked: Olu is no full member of this workspace, so they cannot approve.",
}


@pytest.mark.parametrize("whom", WHY_NOT)
async def test_who_may_not_approve_is_not_asked(whom: str) -> None:
    """Where any member may approve, a choice of somebody else is refused before anybody is asked."""
    async with open_stage() as stage:
        await asked(stage)
        assert await stage.press(ANA, ASK, value=whom) == WHY_NOT[whom]
        assert stage.replies() == []
        assert stage.slack.messages(f"D0{whom.removeprefix('U0')}") == [] or whom == DEE


async def test_only_who_may_approve_is_offered() -> None:
    """Where the policy names approvers, nobody else is offered: not who asked, no guest, nobody who left."""
    async with open_stage(policy=NAMED) as stage:
        verified(stage)
        stage.slack.world.usergroups[ONCALL] = ("oncall", [CHIOMA, ANA, GIL, DEE, OLU])
        await stage.type(REPLICAS)
        assert await offered(stage) == ["Ben", "Chioma"]
        assert await offered(stage, typed="chi") == ["Chioma"]
        assert await offered(stage, typed="zzz") == []
        assert await ask(stage, CHIOMA) == ""
        assert stage.replies() == [IN_THREAD]


async def test_what_is_offered_costs_few_requests() -> None:
    """However many letters are typed, Slack is asked who these people are about once a minute."""
    async with open_stage(policy=NAMED) as stage:
        await asked(stage)
        before = len(stage.slack.calls)
        for typed in ("", "b", "be", "ben"):
            await offered(stage, typed=typed)
        assert len([one for one in stage.slack.calls[before:] if one.method == "users.info"]) == 2


async def test_who_has_approved_is_not_asked_again() -> None:
    """Of several approvals, who gave one is not offered any more, and not asked."""
    async with open_stage(policy=NAMED + "required = 2\n") as stage:
        await asked(stage)
        await stage.slack.options(ANA, stage.first, ASK)
        await stage.press(BEN, "op_approve", stage.first)
        assert await offered(stage) == ["Chioma"]
        told = await stage.press(ANA, ASK, stage.first, value=BEN)
        assert told == "Nobody was asked: Ben has approved it already."


async def test_only_who_asked_for_it_can_ask() -> None:
    """Somebody else reads so where they open the list, and their choice asks nobody."""
    async with open_stage(policy=NAMED) as stage:
        await asked(stage)
        assert await offered(stage, BEN) == ["Only Ana can ask, who asked for this"]
        await offered(stage)
        told = await stage.press(BEN, ASK, stage.first, value=CHIOMA)
        assert told == "Only Ana, who asked for this, can do that."
        assert stage.replies() == []


async def test_who_left_the_group_meanwhile_is_not_asked() -> None:
    """Who was offered a moment ago and may not approve any more is looked up when they are chosen."""
    async with open_stage(policy=NAMED) as stage:
        await asked(stage)
        await offered(stage)
        stage.slack.world.usergroups[ONCALL] = ("oncall", [])
        told = await stage.press(ANA, ASK, stage.first, value=CHIOMA)
        assert told == (
            "Nobody was asked: the policy names who may approve this, and Chioma is not among them."
        )
        assert stage.replies() == []


async def test_slack_does_not_say_who_that_is() -> None:
    """In doubt nobody is asked, and the requester reads that Slack did not say it."""
    async with open_stage() as stage:
        await asked(stage)
        stage.slack.fail("users.info", error="fatal_error", times=None)
        told = await stage.press(ANA, ASK, value=CHIOMA)
        assert told == "Nobody was asked: Slack did not say who that is. Try again in a minute."
        assert stage.replies() == []


async def test_a_dead_group() -> None:
    """Where the named approvers cannot be found out, it is said instead of offering an empty list."""
    async with open_stage(policy=stated(approvers=["S0GONE"])) as stage:
        await asked(stage)
        assert await offered(stage) == ["Slack did not say in time who may approve. Try again in a minute."]


async def test_a_forged_choice_asks_nobody() -> None:
    """A choice that is no person's id, or an option that says why there is nobody, leads to nothing."""
    async with open_stage(policy=NAMED) as stage:
        await asked(stage)
        await offered(stage, BEN)
        assert await stage.press(BEN, ASK, stage.first, value="/") == ""
        assert stage.replies() == []


async def test_the_direct_message_that_slack_refuses() -> None:
    """If Slack takes no direct message for whom was asked, the thread has asked them all the same."""
    async with open_stage() as stage:
        await asked(stage)
        del stage.slack.channels[CHIOMA_DM]
        await stage.press(ANA, ASK, value=CHIOMA)
        assert stage.replies() == [IN_THREAD]
        await stage.press(CHIOMA, "op_approve", stage.first)
        assert stage.changes == SENT


async def test_under_the_copy_of_the_card() -> None:
    """Who has a copy of the card in their direct messages is asked right under it."""
    async with open_stage(policy=BOTH) as stage:
        await asked(stage)
        await ask(stage, CHIOMA)
        (copied,) = copies(stage, CHIOMA_DM)
        (reply,) = [one for one in stage.slack.messages(CHIOMA_DM) if one.thread_ts]
        assert reply.thread_ts == copied.ts
        assert stage.read(reply).startswith("Ana asks for your approval")


async def test_a_restart_asks_nobody_twice() -> None:
    """A process that dies after the choice was taken down leaves it to the next one, which asks once."""
    async with open_stage() as stage:
        await asked(stage)
        await stage.slack.press(ANA, stage.first, ASK, value=CHIOMA)
        async with restarted(stage):
            await stage.settle()
            await stage.pass_time(30, 10)
            assert stage.replies() == [IN_THREAD]
            assert len(copies(stage, CHIOMA_DM)) == 1


@pytest.mark.parametrize("forged", [{"team": {"id": "T0OTHER"}}, {"block_id": "op_ask_someone:nothing"}])
async def test_who_asks_for_the_list_from_elsewhere(forged: dict[str, Any]) -> None:
    """Another workspace, or the list of no request, is offered nobody."""
    async with open_stage(policy=NAMED) as stage:
        await asked(stage)
        shown = [*stage.first.blocks, *(block for one in stage.first.attachments for block in one["blocks"])]
        row = next(block for block in shown if str(block.get("block_id")).startswith(ASK))
        place = {"block_id": row["block_id"], "action_id": ASK}
        payload = block_suggestion(stage.slack.world, ANA, "", place) | forged
        answer = await stage.slack.sender.send("interactive", payload)
        assert [one["value"] for one in answer.body["options"]] in ([], ["/"])
