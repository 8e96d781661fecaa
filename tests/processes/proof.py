"""What holds whatever went wrong, read from the bot's rows, the small Slack and the small PlanetScale."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection, RowMapping, Table, select

from bot.demo.slack.model import BOT_USER, Message
from bot.operations.events import Event
from bot.operations.model import ENDED, OUTCOME_OPEN, State
from bot.operations.steps.run_window import RUN_WINDOW
from bot.store.audit_chain import Verified, verify
from bot.store.board import MessageState
from bot.store.engine.database import Database
from bot.store.schema import audit, messages, operations, presses
from tests.processes.people import Move, taken
from tests.processes.town import Town

NOT_TAKEN = 429
"""What certainly did nothing is asked again."""
ON_THE_WAY = timedelta(seconds=2)
"""From the bot's last look at the clocks to the stand-in's: see `steps/sending.py`."""
MINUTE = timedelta(minutes=1)
SETTLED = frozenset({MessageState.SHOWN.value, MessageState.GONE.value, MessageState.FAILED.value})


@dataclass(frozen=True, slots=True)
class Rows:
    """All that the bot keeps."""

    operations: Sequence[RowMapping]
    presses: Sequence[RowMapping]
    messages: Sequence[RowMapping]
    audit: Sequence[RowMapping]
    chain: Verified

    @property
    def seen(self) -> list[RowMapping]:
        """The operations that were not refused before anybody else saw them."""
        return [row for row in self.operations if row["state"] != State.BLOCKED.value]

    @property
    def settled(self) -> bool:
        """Whether nothing is left to do, but to wait for proof of what may have been sent."""
        known = {state.value for state in ENDED | OUTCOME_OPEN}
        return (
            all(row["state"] in known for row in self.operations)
            and all(row["decided_at"] for row in self.presses)
            and all(row["state"] in SETTLED for row in self.messages)
        )

    @property
    def open(self) -> list[RowMapping]:
        """The operations of which the end is not proven."""
        return [row for row in self.operations if State(row["state"]) not in ENDED]


async def read_rows(database: Database) -> Rows:
    """As they are at one moment."""
    return await database.read(_rows)


def _rows(connection: Connection) -> Rows:
    return Rows(
        operations=_all(connection, operations),
        presses=_all(connection, presses),
        messages=_all(connection, messages),
        audit=_all(connection, audit),
        chain=verify(connection),
    )


def _all(connection: Connection, table: Table) -> Sequence[RowMapping]:
    return connection.execute(select(table).order_by(next(iter(table.primary_key)))).mappings().all()


def faults(town: Town, rows: Rows, moves: Sequence[Move]) -> list[str]:
    """Every promise that was broken, one line each."""
    asked = {row["database"]: row for row in rows.seen}
    return [
        *_acks(rows, moves),
        *_one_each(rows, moves),
        *(fault for move in moves if move.database in asked for fault in _sent(town, asked[move.database])),
        *_shown(town, rows),
        *_told(rows),
        *_audited(rows),
        *(() if rows.chain.whole else ("the chain of the audit log is broken",)),
    ]


def beyond(budget: int, town: Town) -> Iterator[str]:
    """All processes together never send more than the budget in any 60 s."""
    times = sorted(one.at for one in town.house.planetscale.requests)
    for first, later in zip(times, times[budget:], strict=False):
        if later - first <= MINUTE:
            yield f"more than {budget} requests reached PlanetScale in 60 s from {first}"


def _acks(rows: Rows, moves: Sequence[Move]) -> Iterator[str]:
    """What Slack was told was taken down is there."""
    known = {row["trigger_id"] for row in rows.operations}
    for move in moves:
        for typed in move.typed:
            if taken(typed) and typed.payload["trigger_id"] not in known:
                yield f"{move.database}: a command was acknowledged and is not there"
    doubled = Counter((row["user_id"], row["trigger_id"]) for row in rows.presses)
    yield from (f"a press is there {count} times: {press}" for press, count in doubled.items() if count > 1)


def _one_each(rows: Rows, moves: Sequence[Move]) -> Iterator[str]:
    count = Counter(row["database"] for row in rows.seen)
    for move in moves:
        if count[move.database] != 1:
            yield f"{move.database}: {count[move.database]} operations that people see"


def _sent(town: Town, row: RowMapping) -> Iterator[str]:
    """At most one request that can have taken effect, in time, and the end says what it did."""
    simulator, name, state = town.house.planetscale, row["database"], State(row["state"])
    requests = [one for one in simulator.requests if one.method != "GET" and one.database == name]
    reached = [one for one in requests if one.status != NOT_TAKEN]
    effects = [one for one in simulator.effects if one.what == "taken" and one.database == name]
    said = f"{name} ({row['id']}, {state}): {len(reached)} requests, {len(effects)} took effect"
    if len(reached) > 1 or len(effects) > 1:
        yield f"{said}; at most one may"
    if state is State.SUCCEEDED and len(effects) != 1:
        yield f"{said}; it is told as done"
    if state not in OUTCOME_OPEN | {State.SUCCEEDED} and effects and not _late(row):
        yield f"{said}; it is told as not done"
    for one in requests:
        if row["approved_at"] is None or one.at - row["approved_at"] > RUN_WINDOW + ON_THE_WAY:
            yield f"{said}; one left {one.at}, and it was approved {row['approved_at']}"


def _late(row: RowMapping) -> bool:
    outcome: Mapping[str, object] = row["outcome"] or {}
    return bool(outcome.get("late_effect_at"))


def _said(town: Town) -> list[Message]:
    """What the bot has posted for others to see, wherever that is."""
    slack = town.slack
    return [one for place in slack.channels for one in slack.messages(place) if one.user == BOT_USER]


def _shown(town: Town, rows: Rows) -> Iterator[str]:
    """Slack shows what the board holds, one message for each row, and nothing else."""
    board = Counter((row["posted_channel"], row["ts"]) for row in rows.messages if row["state"] == "shown")
    shown = Counter((one.channel, one.ts) for one in _said(town))
    texts = {(one.channel, one.ts): one.text for one in _said(town)}
    for place in shown - board:
        yield f"Slack shows what the bot does not know: {place} {texts[place]!r}"
    for place in board - shown:
        yield f"the bot believes that Slack shows {place}"
    for row in rows.messages:
        if row["state"] not in {"shown", "gone"}:
            yield f"{row['key']} was never shown: {row['state']}, {row['error']}"


def _told(rows: Rows) -> Iterator[str]:
    """Of each operation the card and its end are told, once; what was not known, and then how it ended."""
    keys = Counter(row["key"] for row in rows.messages)
    for row in rows.seen:
        outcome: Mapping[str, object] = row["outcome"] or {}
        wanted = {Event.RESOLVED: 0, Event.SUCCEEDED: 0}
        if row["state"] == State.SUCCEEDED.value:
            wanted[Event.RESOLVED if outcome.get("known_at") else Event.SUCCEEDED] = 1
        elif row["state"] == State.NOT_SEEN.value:
            wanted[Event.RESOLVED] = 1
        told = {f"operation:{row['id']}:{event.value}": times for event, times in wanted.items()}
        for key, times in {f"operation:{row['id']}:card": 1, **told}.items():
            if keys[key] != times:
                yield f"{key} is on the board {keys[key]} times; it has to be {times} times"


def _audited(rows: Rows) -> Iterator[str]:
    """The audit log tells of every step from asking to the end, each once."""
    for row in rows.operations:
        lines = [line for line in rows.audit if line["operation_id"] == row["id"]]
        at = State.REQUESTED.value
        if not lines or lines[0]["what"] != "asked" or [line["what"] for line in lines].count("asked") != 1:
            yield f"{row['id']}: asked {[line['what'] for line in lines]}"
        for line in lines:
            if "was" in line["detail"]:
                if line["detail"]["was"] != at:
                    yield f"{row['id']}: from {at} to {line['what']}, which was from {line['detail']['was']}"
                at = line["what"]
        if at != row["state"]:
            yield f"{row['id']}: its row says {row['state']}, the audit log {at}"
