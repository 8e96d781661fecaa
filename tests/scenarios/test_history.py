"""The bot's record in pages and filtered, for whoever may read it."""

import pytest

from bot.demo.slack.people import ANA, BEN, CHIOMA, GIL, OLU
from tests.scenarios.conftest import MOVES, Stage, open_stage, text

REPLICAS = "switch-traffic shop 3 --replicas-only"


async def denied_and_withdrawn(stage: Stage) -> None:
    """Ana asks for a switch, which Ben denies, and Ben for a cancel, which he withdraws."""
    stage.planetscale.add_workflow("shop", 3, "verified_data")
    await stage.type(f'{REPLICAS} --reason "the sale is over"')
    await stage.press(GIL, "op_approve")
    await stage.press(ANA, "op_approve")
    await stage.press(BEN, "op_deny")
    await stage.slack.close(BEN)
    await stage.type("cancel shop 3", BEN)
    await stage.press(BEN, "op_withdraw")


async def titles(stage: Stage, flags: str, user: str = CHIOMA) -> list[str]:
    """What a filtered record lists."""
    read = (await stage.type(f"history shop {flags}", user)).splitlines()
    return [line.partition(" · ")[2].partition(" · ")[0] for line in read if line.startswith("today")]


@pytest.mark.parametrize(
    ("flags", "found"),
    [
        ("", ["Cancel", "Switch replica reads"]),
        ("--by @ana", ["Switch replica reads"]),
        ("--by Ana", ["Switch replica reads"]),
        ("--by &lt;@U0ANA|ana&gt;", ["Switch replica reads"]),
        ("--by <@U0ANA>", ["Switch replica reads"]),
        ("--by U0ANA", ["Switch replica reads"]),
        ("--by @ben", ["Cancel", "Switch replica reads"]),
        ("--by @ben --action cancel", ["Cancel"]),
        ("--denied", ["Switch replica reads"]),
        ("—denied —by @ben", ["Switch replica reads"]),
        ("--action cancel --denied", []),
        ("--since 2026-11-23", ["Cancel", "Switch replica reads"]),
        ("--since 2030-01-01", []),
        ("3 --action switch-traffic", ["Switch replica reads"]),
        ("--refused", []),
        ("--page 9", ["Cancel", "Switch replica reads"]),
    ],
)
async def test_what_a_filter_finds(http_stage: Stage, flags: str, found: list[str]) -> None:
    """A person as Slack sends a mention or as people type it, an action, a day, what was denied: alone and
    together; a page beyond the last one is the last one."""
    await denied_and_withdrawn(http_stage)
    assert await titles(http_stage, flags) == found


async def test_why_something_was_refused_at_once(http_stage: Stage) -> None:
    """What lacked a reason or the flag says so in the record."""
    stage = http_stage
    stage.planetscale.add_workflow("shop", 3, "running")
    await stage.type("switch-traffic shop 3")
    await stage.type("switch-traffic shop 3 --force")
    read = await stage.type("history shop --refused", CHIOMA)
    assert "Its warnings need --force." in read
    assert "It needs a reason, and none was given." in read


async def test_what_was_filtered_is_said(http_stage: Stage) -> None:
    """The answer names its filters, counts presses that changed nothing, and says where nothing was found."""
    stage = http_stage
    await denied_and_withdrawn(stage)
    assert await stage.type("history shop --by @ben --denied", CHIOMA) == text(
        """
        History of shop · by Ben · denied
        today 03:14 · Switch replica reads · shop #3 orders-to-customer · open
        Denied by @Ben at 03:14 · nothing was sent
        Asked by Ana “the sale is over” · denied by Ben · 2 presses did not count
        Now: /workflow list shop
        """
    )
    assert await stage.type("history shop --action cutover --since 2026-11-01", CHIOMA) == text(
        """
        Nothing was found on shop · cutover · since 2026-11-01. All of it: /workflow history shop
        """
    )
    assert await stage.type("history shop --by @nobody", CHIOMA) == text(
        """
        Nobody called nobody has asked or decided on shop through this bot.
        Who has: Ana, Ben
        All of it: /workflow history shop
        """
    )


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        ("--since yesterday", "“yesterday” is not a value of --since: it takes a day, such as 2026-11-01."),
        ("--page 0", "“0” is not a value of --page: it takes a whole number from 1 on."),
        ("--by @", "“@” is not a value of --by: it takes a person: mention them, such as @ana."),
        ("--action drop", "“drop” is not a value of --action: it takes cancel, complete, create"),
    ],
)
async def test_what_is_no_filter(http_stage: Stage, flags: str, said: str) -> None:
    """A value that no filter can be is answered with what it may be."""
    assert (await http_stage.type(f"history shop {flags}")).startswith(said)


async def test_turning_pages(http_stage: Stage) -> None:
    """A long record has pages; a button turns them, with the same filters, in the place of the answer."""
    stage = http_stage
    stage.planetscale.add_workflow("shop", 3, "verified_data")
    for _ in range(14):
        await stage.type(REPLICAS)
        await stage.press(ANA, "op_withdraw")
        await stage.pass_time(60, 60)
    first = await stage.type("history shop --by @ana", BEN)
    assert first.splitlines()[0] == "History of shop · by Ana · page 1 of 2"
    assert first.splitlines()[-1] == "[Older]"
    assert first.count("Withdrawn by Ana") == 12
    told = len(stage.slack.ephemeral_for(BEN))
    await stage.press(BEN, "qa_page.older", stage.private(BEN))
    second = stage.slack.visible_text(stage.private(BEN), BEN)
    assert second.splitlines()[0] == "History of shop · by Ana · page 2 of 2"
    assert second.splitlines()[-1] == "[Newer]"
    assert second.count("Withdrawn by Ana") == 2
    assert len(stage.slack.ephemeral_for(BEN)) == told
    assert stage.changes == []


async def test_an_outsider_reads_no_record() -> None:
    """Whoever may not read about a database learns nothing of it, not even who acts there; a made-up button
    leads to no more than its line."""
    policy = '[[database]]\nmatch = "shop"\nrequesters = ["U0ANA", "U0BEN"]\napprovers = ["U0BEN", "U0ANA"]\n'
    async with open_stage(policy=policy) as stage:
        stage.slack.channels[MOVES].members.add(OLU)
        await denied_and_withdrawn(stage)
        refused = "The policy does not let you ask about this. Nothing was read. Ask somebody whom it names."
        for flags in ("--by @ana", "--by U0BEN --denied", "--by @nobody"):
            assert await stage.type(f"history shop {flags}", CHIOMA) == refused
            foreign = await stage.type(f"history shop {flags}", OLU)
            assert foreign.startswith("Only full members of this workspace can use this bot.")
        await stage.type("history shop", ANA)
        await stage.type("history crm", CHIOMA)
        answer = stage.private(CHIOMA)
        element = {
            "type": "button",
            "action_id": "qa_page.older",
            "text": {"type": "plain_text", "text": "x"},
        }
        for line, said in (
            ("/workflow history shop --by=U0ANA", refused),
            ("/workflow cutover shop 3 --reason=now", "This button is of another version of the bot"),
        ):
            answer.blocks[:] = [{"type": "actions", "block_id": "x", "elements": [element | {"value": line}]}]
            await stage.press(CHIOMA, "qa_page.older", answer)
            assert stage.slack.visible_text(stage.private(CHIOMA), CHIOMA).startswith(said)
        assert stage.changes == []
