"""What waits for one channel holds up no other, and costs nothing while it waits."""

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import Connection, select, update

from bot.store import outbox
from bot.store.board import UPDATES, MessageState, Wanted, outdate, want
from bot.store.engine.database import Database
from bot.store.outbox import Entry
from bot.store.schema import messages
from tests.store.rows import NOW

UNTIL, LATER = NOW + timedelta(seconds=45), NOW + timedelta(hours=2)
CHANNELS = ("C1", "C2", "C3")


def first_wanted(connection: Connection, chance: random.Random) -> None:
    """A message, or a reply to one, that may be there already."""
    key = f"m{chance.randrange(30)}"
    thread = chance.choice([None, None, f"m{chance.randrange(5)}"])
    wanted = Wanted(
        key=key,
        places=chance.sample(CHANNELS, 2),
        subject_kind="k",
        subject_id=key,
        thread_of=None if thread == key or key in {f"m{number}" for number in range(5)} else thread,
        priority=chance.randrange(3),
        live=chance.random() < 0.5,
    )
    want(connection, NOW, wanted)


def posted(connection: Connection, entry: Entry, chance: random.Random) -> None:
    named = replace(entry, delivery_id="d1")
    held = outbox.start_post(connection, NOW, named, UNTIL, "hash")
    assert held
    outbox.posted(connection, NOW, held, entry.channel or "", f"{chance.random()}")


def shown(connection: Connection, entry: Entry, _: random.Random) -> None:
    outbox.shown(connection, NOW, entry, "hash")


def moved_on(connection: Connection, entry: Entry, _: random.Random) -> None:
    outbox.next_place(connection, NOW, entry, "not_in_channel")


def replaced(connection: Connection, entry: Entry, _: random.Random) -> None:
    outbox.replace_it(connection, NOW, entry, "cant_update_message")


def vanished(connection: Connection, entry: Entry, _: random.Random) -> None:
    outbox.vanished(connection, NOW, entry, "message_not_found")


def put_off(connection: Connection, entry: Entry, _: random.Random) -> None:
    outbox.put_off(connection, NOW, entry, "fatal_error", NOW + timedelta(minutes=1))


Happening = Callable[[Connection, Entry, random.Random], None]
UNPOSTED: tuple[Happening, ...] = (posted, posted, posted, moved_on, put_off)
IN_SLACK: tuple[Happening, ...] = (shown, shown, replaced, vanished, moved_on, put_off)


def lived_on(connection: Connection, chance: random.Random) -> None:
    """Something that happens to a board."""
    if chance.random() < 0.4:
        first_wanted(connection, chance)
    elif chance.random() < 0.3:
        outdate(connection, NOW, f"m{chance.randrange(30)}")
    elif due := outbox.due(connection, NOW, 100):
        entry = chance.choice(due)
        chance.choice(IN_SLACK if entry.ts else UNPOSTED)(connection, entry, chance)


def lane_of(connection: Connection, key: str) -> str | None:
    return connection.scalar(select(messages.c.lane).where(messages.c.key == key))


def is_reply(connection: Connection, key: str) -> bool:
    """Such a one is in the lane of its parent's channel, and may have to go elsewhere once that is away."""
    return connection.scalar(select(messages.c.thread_of).where(messages.c.key == key)) is not None


async def test_the_first_of_each_channel(database: Database) -> None:
    """Whatever has happened to a board: of each channel, and of the updates, what is most urgent is found."""

    def lives(connection: Connection, chance: random.Random) -> None:
        for _ in range(150):
            lived_on(connection, chance)
        for at in (NOW, LATER):
            due = outbox.due(connection, at, 1000)
            lanes = {one.key: lane_of(connection, one.key) for one in due}
            for entry in due:
                where = UPDATES if entry.ts else entry.channel
                assert lanes[entry.key] == where or (lanes[entry.key] and is_reply(connection, entry.key)), (
                    entry
                )
            heads = outbox.heads(connection, at, (), ())
            first = {(one.state, lanes[one.key]): one.key for one in reversed(due)}
            assert {one.key for one in heads} == set(first.values())
            assert [one.key for one in heads] == [one.key for one in due if one in heads]

    for seed in range(8):
        await database.write(lives, random.Random(seed))


async def test_what_is_in_hand_is_passed_over(database: Database) -> None:
    """While a post to a channel is under way the next one there waits, and other channels do not."""

    def scene(connection: Connection) -> list[list[str]]:
        for key, channel in (("a", "C1"), ("b", "C1"), ("c", "C2")):
            want(connection, NOW, Wanted(key=key, places=(channel,), subject_kind="k", subject_id=key))
        found = [outbox.heads(connection, NOW, *but) for but in (((), ()), (("C1",), ("a",)), ((), ("a",)))]
        return [[one.key for one in heads] for heads in found]

    assert await database.write(scene) == [["a", "c"], ["c"], ["b", "c"]]


async def test_what_an_earlier_version_wrote(database: Database) -> None:
    """A message whose lane was not written down is delivered like any other."""

    def scene(connection: Connection) -> tuple[list[Entry], list[str]]:
        want(connection, NOW, Wanted(key="a", places=("C1",), subject_kind="k"))
        connection.execute(update(messages).values(lane=None))
        heads = outbox.heads(connection, NOW, (), ())
        return heads, [one.key for one in outbox.due(connection, NOW, 10, without_lane=True)]

    assert await database.write(scene) == ([], ["a"])


async def test_what_is_never_tried_again_is_not_looked_at(database: Database) -> None:
    """What Slack took nowhere, and nobody waits for, is in no lane however long it is kept."""

    def scene(connection: Connection) -> str | None:
        want(connection, NOW, Wanted(key="a", places=("C1",), subject_kind="k", live=False))
        (entry,) = outbox.due(connection, NOW, 10)
        assert outbox.fail(connection, NOW, entry, "channel_not_found")
        row = connection.execute(select(messages)).one()
        assert row.state == MessageState.FAILED
        return lane_of(connection, "a")

    assert await database.write(scene) is None
