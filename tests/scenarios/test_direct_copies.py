"""The waiting card as a direct message to each named approver: the same card, under the same rule."""

from dataclasses import replace

import pytest

from bot.demo.slack.model import Message
from bot.demo.slack.people import ANA, BEN, CHIOMA, DEE, GIL, OLU
from bot.operations.steps.candidates import MOST_OF_A_GROUP
from bot.slack.delivery.operation_board import CARD, COPY
from bot.store import outbox
from tests.scenarios.conftest import MOVES, Stage, open_stage
from tests.scenarios.restarting import restarted
from tests.scenarios.test_called import HALF, ONCALL, REPLICAS, stated, verified

SENT = ["PATCH shop/workflows/3/switch-replicas"]
BEN_DM, CHIOMA_DM, ANA_DM = "D0BEN", "D0CHIOMA", "D0ANA"
BOTH = stated(approvers=[BEN, ONCALL], direct=True).replace("True", "true")
TWO = BOTH + "required = 2\n"


async def asked(stage: Stage, members: tuple[str, ...] = (CHIOMA,)) -> None:
    verified(stage)
    stage.slack.world.usergroups[ONCALL] = ("oncall", list(members))
    await stage.type(REPLICAS)


def copies(stage: Stage, channel: str) -> list[Message]:
    """What the bot has posted to somebody in their direct messages, but for replies there."""
    return [one for one in stage.slack.messages(channel) if not one.thread_ts]


def reads_alike(stage: Stage, *channels: str) -> bool:
    """Whether each of them has one copy, which reads like the card in the channel and leads there."""
    found = [[stage.read(one) for one in copies(stage, channel)] for channel in channels]
    return found == [[f"{stage.read()}\nIts thread in the channel: open"]] * len(channels)


async def test_each_named_approver_gets_the_card() -> None:
    """Who is named, and who is in a named group, gets the waiting card with its buttons; all end together."""
    async with open_stage(policy=BOTH) as stage:
        await asked(stage, (CHIOMA, ANA, GIL, DEE, OLU))
        assert reads_alike(stage, BEN_DM, CHIOMA_DM)
        assert "[Approve]" in stage.read()
        assert [copies(stage, f"D0{who}") for who in ("ANA", "GIL", "OLU")] == [[], [], []]
        assert await stage.press(CHIOMA, "op_approve", copies(stage, CHIOMA_DM)[0]) == ""
        assert stage.changes == SENT
        assert "approved by Chioma" in stage.read()
        assert reads_alike(stage, BEN_DM, CHIOMA_DM)
        assert "[Approve]" not in stage.read()


async def test_the_card_in_the_channel_comes_first() -> None:
    """However many get a copy, the channel's card is posted and changed before them."""
    async with open_stage(policy=BOTH) as stage:
        verified(stage)
        for user, does in ((ANA, "asks"), (BEN, "denies")):
            if does == "asks":
                await stage.slack.command(user, MOVES, "/workflow", REPLICAS)
            else:
                await stage.slack.press(user, stage.card(), "op_deny")
            await stage.bot.working.worker.settle()
            due = await stage.bot.database.read(outbox.due, stage.clock.now(), 50)
            kinds = [one.subject_kind for one in due]
            assert kinds.index(CARD) < kinds.index(COPY)
            await stage.settle()


async def test_a_copy_that_slack_does_not_let_be_changed() -> None:
    """It is replaced at the end, so that nobody decides by what stands there."""
    async with open_stage(policy=BOTH) as stage:
        await asked(stage)
        (before,) = copies(stage, CHIOMA_DM)
        stage.slack.fail("chat.update", error="edit_window_closed", times=None, about=before.ts)
        await stage.press(BEN, "op_deny")
        await stage.pass_time(30, 5)
        assert reads_alike(stage, BEN_DM)
        (after,) = copies(stage, CHIOMA_DM)
        assert stage.read(after).endswith(f"{stage.read()}\nIts thread in the channel: open")
        assert after.ts != before.ts


async def test_it_is_off_by_itself() -> None:
    """Nobody gets a direct message where the policy does not say so."""
    async with open_stage(policy=stated(approvers=[BEN, ONCALL])) as stage:
        await asked(stage)
        assert (copies(stage, BEN_DM), copies(stage, CHIOMA_DM)) == ([], [])


async def test_where_anybody_may_approve_nobody_gets_one() -> None:
    """A direct message goes to whom the policy names, and the log says that it names nobody."""
    async with open_stage(policy="[approvals]\ndirect = true\n") as stage:
        await asked(stage)
        assert (copies(stage, BEN_DM), copies(stage, CHIOMA_DM)) == ([], [])


async def test_every_change_is_on_every_copy() -> None:
    """An approval on one copy, and taking it back on another, is seen on all, and each person counts once."""
    async with open_stage(policy=TWO) as stage:
        await asked(stage)
        await stage.press(BEN, "op_approve", copies(stage, BEN_DM)[0])
        assert "still needed: 1 more" in stage.read()
        assert reads_alike(stage, BEN_DM, CHIOMA_DM)
        assert await stage.press(BEN, "op_approve") == "Your approval is counted already (1 of 2)."
        await stage.press(BEN, "op_take_back")
        assert "still needed" not in stage.read()
        assert reads_alike(stage, BEN_DM, CHIOMA_DM)
        assert stage.changes == []


@pytest.mark.parametrize("ends", ["op_deny", "op_withdraw", "expires"])
async def test_a_press_after_the_end(ends: str) -> None:
    """A copy pressed as it was before the end sends nothing, and is answered with how it ended."""
    async with open_stage(policy=BOTH) as stage:
        await asked(stage)
        before = copies(stage, CHIOMA_DM)[0]
        if ends == "expires":
            await stage.pass_time(31 * 60, 300)
        else:
            await stage.press(BEN if ends == "op_deny" else ANA, ends)
        assert reads_alike(stage, BEN_DM, CHIOMA_DM)
        told = await stage.press(CHIOMA, "op_approve", before)
        assert told.startswith("Too late: ")
        assert stage.changes == []


@pytest.mark.parametrize(
    ("who", "told"), [(ANA, "You asked for this"), (GIL, "Only full members"), (OLU, "Only full members")]
)
async def test_who_may_not_press_a_copy(who: str, told: str) -> None:
    """Whoever asked, a guest or an outsider gets nowhere on a copy, however they came to it."""
    async with open_stage(policy=BOTH) as stage:
        await asked(stage)
        stage.slack.channels[BEN_DM].members.add(who)
        assert (await stage.press(who, "op_approve", copies(stage, BEN_DM)[0])).startswith(told)
        assert stage.changes == []


async def test_who_is_no_approver_any_more() -> None:
    """Who left the group after the copy came does not count by pressing it."""
    async with open_stage(policy=BOTH) as stage:
        await asked(stage)
        stage.slack.world.usergroups[ONCALL] = ("oncall", [])
        told = await stage.press(CHIOMA, "op_approve", copies(stage, CHIOMA_DM)[0])
        assert told.startswith("Approving this needs")
        assert stage.changes == []


async def test_somebody_who_cannot_be_reached() -> None:
    """If Slack takes no direct message for one approver, the others get theirs, and nothing waits for it."""
    async with open_stage(policy=BOTH) as stage:
        del stage.slack.channels[BEN_DM]
        await asked(stage)
        assert len(stage.cards()) == 1
        assert stage.slack.messages(ANA_DM) == []
        assert reads_alike(stage, CHIOMA_DM)
        await stage.press(BEN, "op_approve")
        assert stage.changes == SENT


async def test_a_direct_message_that_does_not_get_through() -> None:
    """While Slack fails to take one copy again and again, the others come, and the card works."""
    async with open_stage(policy=BOTH) as stage:
        stage.slack.fail("chat.postMessage", error="fatal_error", times=None, about=BEN)
        await asked(stage)
        assert reads_alike(stage, CHIOMA_DM)
        await stage.press(CHIOMA, "op_approve", copies(stage, CHIOMA_DM)[0])
        assert stage.changes == SENT
        stage.slack.come_back()
        await stage.pass_time(20 * 60, 120)
        assert stage.slack.messages(BEN_DM) == []  # it waits for nobody any more


async def test_slack_does_not_say_who_that_is() -> None:
    """Whom Slack does not describe at first gets the copy as soon as it does; nobody gets it twice."""
    async with open_stage(policy=BOTH) as stage:
        verified(stage)
        stage.slack.fail("users.info", error="fatal_error", times=None, about=CHIOMA)
        await stage.type(REPLICAS)
        assert (len(copies(stage, BEN_DM)), len(copies(stage, CHIOMA_DM))) == (1, 0)
        stage.slack.come_back()
        await stage.pass_time(60, 5)
        assert (len(copies(stage, BEN_DM)), len(copies(stage, CHIOMA_DM))) == (1, 1)


async def test_a_dead_group_among_the_approvers() -> None:
    """Who is named by id gets the copy although a group beside them cannot be read."""
    async with open_stage(policy=BOTH.replace(ONCALL, "S0GONE")) as stage:
        verified(stage)
        await stage.type(REPLICAS)
        assert reads_alike(stage, BEN_DM)
        await stage.pass_time(40 * 60, 240)
        assert len(copies(stage, BEN_DM)) == 1
        assert len(stage.slack.calls_to("usergroups.users.list")) < 20


async def test_a_large_group() -> None:
    """Of a large group no more than thirty are looked up for a copy, and everybody in it may approve."""
    async with open_stage(policy=stated(approvers=[ONCALL], direct=True).replace("True", "true")) as stage:
        others = tuple(f"U{number:04d}" for number in range(MOST_OF_A_GROUP + 5))
        await asked(stage, (*others, CHIOMA))
        assert len(stage.slack.calls_to("users.info")) <= MOST_OF_A_GROUP + 3
        await stage.press(CHIOMA, "op_approve")
        assert stage.changes == SENT


async def test_a_restart_before_the_copies() -> None:
    """A process that dies after the card leaves the copies to the next one, which posts each once."""
    async with open_stage(policy=BOTH) as stage:
        verified(stage)
        await stage.slack.command(ANA, MOVES, "/workflow", REPLICAS)
        await stage.bot.working.courier.run_once()
        async with restarted(stage):
            await stage.settle()
            assert reads_alike(stage, BEN_DM, CHIOMA_DM)
            async with restarted(stage):
                await stage.pass_time(60, 20)
                assert reads_alike(stage, BEN_DM, CHIOMA_DM)


async def test_an_answer_to_a_copy_that_is_lost() -> None:
    """A copy whose post was taken and not answered is found again, and not posted twice."""
    async with open_stage(policy=BOTH) as stage:
        verified(stage)
        stage.slack.fail("chat.postMessage", how="lose", about=BEN)
        await stage.type(REPLICAS)
        await stage.pass_time(60, 5)
        assert reads_alike(stage, BEN_DM, CHIOMA_DM)


async def test_half_time_on_the_copies() -> None:
    """At half time each copy gets one reply; who has approved by then gets none."""
    async with open_stage(policy=TWO) as stage:
        await asked(stage)
        await stage.press(BEN, "op_approve")
        await stage.pass_time(HALF, 120)
        assert stage.replies(BEN_DM) == []
        assert stage.replies(CHIOMA_DM) == ["1 of 2 approvals so far; the request expires at 02:44."]
        await stage.press(CHIOMA, "op_deny")
        assert stage.replies(CHIOMA_DM) == ["1 of 2 had approved at 02:30."]
        assert len([one for one in stage.slack.heard(CHIOMA) if one.channel == CHIOMA_DM]) == 2


async def test_a_card_that_no_channel_takes() -> None:
    """If no channel takes the card, the request ends, and so do the copies: nothing can be pressed there."""
    async with open_stage(policy=BOTH) as stage:
        stage.slack.channels[MOVES].restricted = True
        await asked(stage)
        for channel in (BEN_DM, CHIOMA_DM):
            assert all("[Approve]" not in stage.read(one) for one in copies(stage, channel))


async def test_one_person_named_twice() -> None:
    """Whom the policy names by both of their ids gets one copy."""
    async with open_stage(policy=BOTH.replace(ONCALL, "W0BEN")) as stage:
        verified(stage)
        ben = replace(stage.slack.people[BEN], known_as="W0BEN")
        stage.slack.people[BEN], stage.slack.people["W0BEN"] = ben, replace(ben, id="W0BEN")
        await stage.type(REPLICAS)
        assert reads_alike(stage, BEN_DM)
