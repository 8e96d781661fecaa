"""What holds after any crash, read from the bot's rows, the small Slack and the small PlanetScale."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, RowMapping, Table, select

from bot.demo.slack.model import Message
from bot.operations.events import Event
from bot.operations.model import State, Story
from bot.operations.storage import stories
from bot.slack.cards.operation.card import operation_card
from bot.store.schema import audit, messages, operations, presses
from tests.crash.stage import CHANNEL, Stage

DECIDING = ("op_approve", "op_deny", "op_withdraw", "op_take_back", "op_confirm")
OUT_OF_SIGHT = {State.BLOCKED, State.WITHDRAWN}
"""How a request ends that was typed twice, because Slack called the first one failed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """How it has to end, wherever the bot died."""

    state: State
    requests: int
    """That reached PlanetScale and change something."""
    taken: int
    """How many of them took effect."""
    told: tuple[Event, ...]
    """What was told besides the card: each once."""
    reads: str
    """What a person reads on the card: a pattern."""
    cards: int = 1


@dataclass(frozen=True, slots=True)
class _Rows:
    operations: Sequence[RowMapping]
    presses: Sequence[RowMapping]
    messages: Sequence[RowMapping]
    audit: Sequence[RowMapping]
    stories: Mapping[str, Story]


async def prove(stage: Stage, end: End) -> None:
    """Compare what there is with how it has to end."""
    rows = await stage.database.read(_read)
    seen = [row for row in rows.operations if State(row["state"]) not in OUT_OF_SIGHT - {end.state}]
    assert [State(row["state"]) for row in seen] == [end.state]
    story = rows.stories[seen[0]["id"]]
    _sent_at_most_once(stage, end)
    _shown(stage, rows)
    _told(rows, story, end)
    _cards(stage, rows, story, end)
    for row in rows.operations:
        _audited([line for line in rows.audit if line["operation_id"] == row["id"]], row, rows.presses)
    assert [line for line in stage.log() if line.get("level") in {"error", "critical"}] == []


def _sent_at_most_once(stage: Stage, end: End) -> None:
    changes = [request for request in stage.planetscale.requests if request.method != "GET"]
    taken = [effect for effect in stage.planetscale.effects if effect.what == "taken"]
    assert (len(changes), len(taken)) == (end.requests, end.taken)


def _shown(stage: Stage, rows: _Rows) -> None:
    """Slack shows what the board holds, one message for each row, and nothing else."""
    board = sorted((row["posted_channel"], row["ts"]) for row in rows.messages)
    assert {row["state"] for row in rows.messages} <= {"shown"}
    assert sorted((message.channel, message.ts) for message in stage.said()) == board


def _told(rows: _Rows, story: Story, end: End) -> None:
    mine = [row["key"].split(":") for row in rows.messages if row["subject_id"] == story.operation.id]
    told = [Event(key[2]) for key in mine if not key[2].startswith("card")]
    assert sorted(told) == sorted(end.told)
    others = [row["key"] for row in rows.messages if row["subject_id"] != story.operation.id]
    assert len(others) <= 1  # the live message of its workflow, in whose thread it is told
    assert all(key.startswith("watch:") and key.endswith(":live:1") for key in others)


def _cards(stage: Stage, rows: _Rows, story: Story, end: End) -> None:
    places = {
        (row["posted_channel"], row["ts"])
        for row in rows.messages
        if row["key"].split(":")[2].startswith("card")
    }
    cards = [message for message in stage.said() if (message.channel, message.ts) in places]
    assert len(cards) == end.cards
    for card in cards:
        assert card.channel == CHANNEL
        assert card.text == operation_card(story, stage.calendar.now()).payload()["text"]
        assert re.search(end.reads, stage.slack.visible_text(card))
        assert _buttons(card) == []


def _buttons(card: Message) -> list[str]:
    return [button for button in DECIDING if f'"{button}"' in json.dumps(card.all_blocks)]


def _audited(lines: Sequence[RowMapping], operation: RowMapping, pressed: Sequence[RowMapping]) -> None:
    """The audit log tells of every step from asking to the end, each once, and of every press."""
    assert [line["what"] for line in lines].count("asked") == 1
    assert lines[0]["what"] == "asked"
    at = State.REQUESTED.value
    for line in lines:
        if "was" in line["detail"]:
            assert line["detail"]["was"] == at
            at = line["what"]
    assert at == operation["state"]
    presses_of_it = [row for row in pressed if row["operation_id"] == operation["id"]]
    assert sorted(f"pressed {row['kind']}" for row in presses_of_it) == sorted(
        line["what"] for line in lines if line["what"].startswith("pressed")
    )


def _read(connection: Connection) -> _Rows:
    found = _all(connection, operations)
    told = {row["id"]: stories.story(connection, row["id"]) for row in found}
    return _Rows(
        found,
        _all(connection, presses),
        _all(connection, messages),
        _all(connection, audit),
        {operation_id: story for operation_id, story in told.items() if story},
    )


def _all(connection: Connection, table: Table) -> Sequence[Any]:
    return connection.execute(select(table).order_by(next(iter(table.primary_key)))).mappings().all()
