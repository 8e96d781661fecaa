"""PlanetScale does a change and does not answer: what a read proves is said, and the way back is open."""

from datetime import timedelta

import pytest
from sqlalchemy import Connection, update

from bot.demo.planetscale.troubles import Trouble
from bot.demo.slack.model import Message
from bot.demo.slack.people import ANA, BEN
from bot.operations.steps import readback
from bot.operations.steps.readback import Readback
from bot.operations.storage.attempt_rows import Attempt
from bot.store.schema import watches
from tests.scenarios.conftest import Stage, open_stage, text

PRIMARIES = "switch-traffic shop 3"
SWITCHED = "PATCH shop/workflows/3/switch-primaries"
REVERSED = "PATCH shop/workflows/3/reverse-traffic"


def card(stage: Stage) -> Message:
    """The card of the request: below the live message, where there is one."""
    return next(one for one in stage.shown() if "Switch primaries ·" in stage.read(one).splitlines()[0])


async def hanging(stage: Stage, asked: str = PRIMARIES, state: str = "switched_replicas") -> Trouble:
    """Ana's request is approved, and PlanetScale takes it and keeps silent."""
    stage.planetscale.add_workflow("shop", 3, state)
    await stage.type(asked)
    silence = stage.planetscale.trouble("silent", on="mutation")
    stage.unanswered = True
    await stage.press(BEN, "op_approve", stage.card())
    assert silence.struck.is_set()
    return silence


async def answered(stage: Stage, silence: Trouble) -> None:
    """The answer comes after all."""
    stage.unanswered = False
    stage.planetscale.lift(silence)
    await stage.settle()


async def test_the_end_is_said_while_the_answer_is_awaited(http_stage: Stage) -> None:
    """The card says what a read proves: that it switches, and that it is done; the answer only confirms."""
    stage = http_stage
    silence = await hanging(stage)
    assert "asking PlanetScale since 02:14:10" in stage.read()
    await stage.pass_time(4, 1)
    assert stage.read().splitlines()[1].startswith("PlanetScale has been switching since 02:14:13")
    await stage.pass_time(8, 1)
    assert stage.read().splitlines()[1] == "Done in 9 s · customer has served writes since 02:14"
    shown, told = stage.read(), stage.cards()
    await answered(stage, silence)
    await stage.pass_time(10, 1)
    assert (stage.read(), stage.cards()) == (shown, told)
    assert stage.changes == [SWITCHED]


async def test_the_way_back_is_open(http_stage: Stage) -> None:
    """A reverse is not refused because of an answer that is still awaited, once the end is proven."""
    stage = http_stage
    silence = await hanging(stage)
    await stage.pass_time(12)
    await stage.type("reverse-traffic shop 3")
    await stage.press(ANA, "op_confirm", stage.private())
    assert stage.changes == [SWITCHED, REVERSED]
    await stage.pass_time(15)
    await answered(stage, silence)
    await stage.pass_time(15)
    assert stage.planetscale.workflow("shop", 3).state == "running"
    assert "Outcome not known" not in "\n".join(stage.cards())


async def test_the_check_of_the_way_back_proves_the_end(http_stage: Stage) -> None:
    """Also where nobody has read the workflow since: the check of the reverse does."""
    stage = http_stage
    silence = await hanging(stage)
    stage.clock.advance(12)
    await stage.type("reverse-traffic shop 3")
    assert "op_confirm" in str(stage.private().blocks)
    assert "Done in" in stage.read()
    await answered(stage, silence)


async def test_it_is_not_said_that_it_failed(http_stage: Stage) -> None:
    """A request that shows no effect while it is held may still have one: nothing is said to be over."""
    stage = http_stage
    stage.planetscale.add_workflow("shop", 3, "switched_replicas")
    await stage.type(PRIMARIES)
    held = stage.planetscale.trouble("hang", on="mutation")
    stage.unanswered = True
    await stage.press(BEN, "op_approve", stage.first)
    await stage.pass_time(900, 45)
    assert "asking PlanetScale since 02:14:10" in stage.read()
    assert "Nothing was sent" in await stage.type("reverse-traffic shop 3")
    await answered(stage, held)
    await stage.pass_time(20, 1)
    assert "customer has served writes" in stage.read()
    assert stage.changes == [SWITCHED]


async def held(stage: Stage, status: int, text: str | None = None) -> Trouble:
    """Ana's request is approved, and held; it will not be taken."""
    stage.planetscale.add_workflow("shop", 3, "switched_replicas")
    await stage.type(PRIMARIES)
    trouble = stage.planetscale.trouble("hang", on="mutation", status=status, text=text)
    stage.unanswered = True
    await stage.press(BEN, "op_approve", stage.first)
    return trouble


async def test_what_was_not_taken_is_sent_although_it_was_read_meanwhile(http_stage: Stage) -> None:
    """A 429 that comes after seconds proves as much as one at once: it is sent again, unalarmed."""
    stage = http_stage
    trouble = await held(stage, 429)
    await stage.pass_time(8)
    await answered(stage, trouble)
    await stage.pass_time(30)
    assert stage.changes == [SWITCHED, SWITCHED]
    assert "Outcome not known" not in "\n".join(stage.cards())
    assert stage.planetscale.workflow("shop", 3).state == "switched_primaries"


async def test_a_late_refusal_keeps_its_words(http_stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """What PlanetScale says stands on the card, also where somebody else's look ended first."""
    stage = http_stage
    trouble = await held(stage, 422, "replication lag is too high")
    await stage.pass_time(4)
    look = Readback._read

    async def overtaken(reader: Readback, attempt: Attempt) -> object:
        monkeypatch.setattr(Readback, "_read", look)
        await reader.read_back(attempt.operation)
        return await look(reader, attempt)

    monkeypatch.setattr(Readback, "_read", overtaken)
    await answered(stage, trouble)
    await stage.pass_time(10)
    assert "replication lag is too high" in stage.read(card(stage))
    assert stage.changes == [SWITCHED]


async def test_a_watch_of_another_version_is_in_no_way() -> None:
    """A watch that this version cannot read holds up no request: its end is read and said all the same."""
    async with open_stage(watches=True) as stage:
        silence = await hanging(stage)
        unknown = update(watches).values(origin="of another version")
        await stage.bot.database.write(Connection.execute, unknown)
        await stage.pass_time(15)
        assert "customer has served writes since 02:14" in stage.read(card(stage))
        await answered(stage, silence)


async def test_a_show_and_the_card_say_the_same() -> None:
    """Somebody looks: what they read stands on the card and on the live message at once."""
    async with open_stage(watches=True) as stage:
        silence = await hanging(stage)
        stage.clock.advance(15)
        stage.watches = False
        shown = await stage.type("show shop 3")
        assert "Writes: customer" in shown
        assert "customer has served writes since 02:14" in stage.read(card(stage))
        assert "Writes: customer" in stage.read(stage.first)
        await answered(stage, silence)


async def test_the_watch_and_the_card_say_the_same() -> None:
    """The watch sees it first: the card says it at once, and nobody is told of a change from outside."""
    async with open_stage(watches=True) as stage:
        silence = await hanging(stage)
        await stage.pass_time(40)
        assert "customer has served writes since 02:14" in stage.read(card(stage))
        assert "outside" not in text("\n".join(stage.cards() + stage.replies()))
        await answered(stage, silence)


@pytest.mark.parametrize("who", ["show", "watch"])
async def test_whoever_reads_it_proves_the_end(who: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """While the request's own look is far off, what `show` or the watch reads stands on its card at once."""
    monkeypatch.setattr(readback, "_patience", lambda *_: timedelta(hours=1))
    async with open_stage(watches=True) as stage:
        silence = await hanging(stage)
        await stage.pass_time(4)
        assert stage.read(card(stage)).splitlines()[1].startswith("PlanetScale has been switching since")
        stage.clock.advance(30)
        stage.watches = who == "watch"
        await (stage.type("show shop 3") if who == "show" else stage.settle())
        assert "customer has served writes since 02:14" in stage.read(card(stage))
        await answered(stage, silence)
