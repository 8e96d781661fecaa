"""The message board, on both databases."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import Connection, select

from bot.store import outbox
from bot.store.board import MessageState, Urgency, Wanted, adopt, outdate, retire, want
from bot.store.engine.database import Database
from bot.store.outbox import Entry
from bot.store.schema import messages
from tests.store.rows import NOW

UNTIL = NOW + timedelta(seconds=45)
LATER = NOW + timedelta(minutes=2)


def wanted(key: str = "a", places: Sequence[str] = ("C1", "C2"), **more: Any) -> Wanted:
    return Wanted(key=key, places=places, **{"subject_kind": "operation", "subject_id": "op1", **more})


def row(connection: Connection, key: str) -> Any:
    return connection.execute(select(messages).where(messages.c.key == key)).one()


def due_keys(connection: Connection, now: datetime = NOW) -> list[str]:
    return [entry.key for entry in outbox.due(connection, now, 100)]


def the_one(connection: Connection, now: datetime = NOW) -> Entry:
    (entry,) = outbox.due(connection, now, 100)
    return entry


def post(connection: Connection, entry: Entry, ts: str = "1.1") -> None:
    """What the courier records when a post went well."""
    named = replace(entry, delivery_id="d1")
    held = outbox.start_post(connection, NOW, named, UNTIL, "hash")
    assert held
    outbox.posted(connection, NOW, held, entry.channel or "", ts)


def want_and_post(connection: Connection, key: str = "a", ts: str = "1.1", **more: Any) -> None:
    want(connection, NOW, wanted(key, **more))
    post(connection, the_one(connection), ts)


async def test_what_is_wanted_is_due(database: Database) -> None:
    """A message that was wanted is due at its first place, with all that its renderer needs."""

    def scene(connection: Connection) -> Entry:
        want(connection, NOW, wanted(subject={"said": "é 🙂"}, priority=Urgency.STATE))
        return the_one(connection)

    entry = await database.write(scene)
    assert (entry.key, entry.channel, entry.thread_ts, entry.ts) == ("a", "C1", None, None)
    assert (entry.subject_kind, entry.subject_id, entry.subject) == ("operation", "op1", {"said": "é 🙂"})
    assert (entry.priority, entry.version, entry.live) == (1, 1, True)


async def test_the_order_of_what_is_due(database: Database) -> None:
    """The urgent comes first; the equally urgent in the order in which it was wanted; up to a limit."""

    def scene(connection: Connection) -> tuple[list[str], list[str]]:
        for number, urgency in enumerate([2, 1, 0, 2, 1, 0]):
            want(connection, NOW, wanted(f"{urgency}.{number}", priority=urgency))
        return due_keys(connection), [entry.key for entry in outbox.due(connection, NOW, 3)]

    everything, some = await database.write(scene)
    assert everything == ["0.2", "0.5", "1.1", "1.4", "2.0", "2.3"]
    assert some == everything[:3]


async def test_wanted_twice_is_one_message(database: Database) -> None:
    """Wanting a key again makes no second message: the one is out of date, and counts how often."""

    def scene(connection: Connection) -> Any:
        want_and_post(connection)
        assert due_keys(connection) == []
        for _ in range(3):
            want(connection, LATER, wanted())
        return the_one(connection)

    entry = await database.write(scene)
    assert (entry.state, entry.version, entry.channel, entry.ts) == (MessageState.OUTDATED, 4, "C1", "1.1")
    assert entry.delivery_id == "d1"


async def test_it_changes_while_it_is_posted(database: Database) -> None:
    """What changes while its post is under way is out of date as soon as that has arrived."""

    def scene(connection: Connection) -> tuple[list[str], str]:
        want(connection, NOW, wanted())
        held = outbox.start_post(connection, NOW, the_one(connection), UNTIL, "hash")
        assert held
        want(connection, NOW, wanted())
        nothing = due_keys(connection)
        outbox.posted(connection, NOW, held, "C1", "1.1")
        return nothing, the_one(connection).state

    assert await database.write(scene) == ([], MessageState.OUTDATED)


async def test_it_changes_while_it_is_updated(database: Database) -> None:
    """What changes while its update is under way has to be updated once more."""

    def scene(connection: Connection) -> tuple[str, list[str]]:
        want_and_post(connection)
        want(connection, NOW, wanted())
        held = outbox.start_update(connection, NOW, the_one(connection), UNTIL)
        assert held
        want(connection, NOW, wanted())
        outbox.shown(connection, NOW, held, "hash 2")
        state = row(connection, "a").state
        outbox.shown(connection, NOW, the_one(connection), "hash 3")
        return state, due_keys(connection)

    assert await database.write(scene) == (MessageState.OUTDATED, [])


async def test_what_is_past_is_redrawn_last(database: Database) -> None:
    """What is only redrawn goes after all others, with its copies; what waits stays as urgent."""

    def scene(connection: Connection) -> list[tuple[str, int]]:
        want_and_post(connection)
        adopt(connection, NOW, "a", "C9", "9.9")
        outbox.shown(connection, NOW, the_one(connection), "hash")
        want(connection, NOW, wanted("b"))
        want(connection, NOW, wanted("c", priority=Urgency.STATE))
        for key in "abc":
            outdate(connection, NOW, key)
        return [(entry.key, entry.priority) for entry in outbox.due(connection, NOW, 100)]

    assert await database.write(scene) == [("b", 0), ("c", 1), ("a", 2), ("a@C9/9.9", 2)]


async def test_it_is_past_while_it_is_posted(database: Database) -> None:
    """What is to be redrawn while its post is under way is out of date as soon as that has arrived."""

    def scene(connection: Connection) -> tuple[list[str], str]:
        want(connection, NOW, wanted())
        held = outbox.start_post(connection, NOW, the_one(connection), UNTIL, "hash")
        assert held
        outdate(connection, NOW, "a")
        nothing = due_keys(connection)
        outbox.posted(connection, NOW, held, "C1", "1.1")
        return nothing, the_one(connection).state

    assert await database.write(scene) == ([], MessageState.OUTDATED)


async def test_one_claim_at_a_time(database: Database) -> None:
    """Of two couriers that chose the same message one gets it; the other one's record changes nothing."""

    def scene(connection: Connection) -> Any:
        want(connection, NOW, wanted())
        entry = the_one(connection)
        first = outbox.start_post(connection, NOW, replace(entry, delivery_id="mine"), UNTIL, "hash")
        second = outbox.start_post(connection, NOW, replace(entry, delivery_id="other"), UNTIL, "hash")
        assert first
        assert second is None
        outbox.put_off(connection, NOW, entry, "late", LATER)
        outbox.gone(connection, NOW, entry)
        assert not outbox.fail(connection, NOW, entry, "late")
        return row(connection, "a")

    stored = await database.write(scene)
    assert (stored.delivery_id, stored.state, stored.error) == ("mine", MessageState.POSTING, None)


async def test_a_claim_runs_out(database: Database) -> None:
    """A message whose courier died is due again when the claim has run out, with its delivery id."""

    def scene(connection: Connection) -> tuple[list[str], datetime | None, Entry]:
        want(connection, NOW, wanted())
        outbox.start_post(connection, NOW, replace(the_one(connection), delivery_id="d1"), UNTIL, "hash")
        return due_keys(connection), outbox.next_at(connection, NOW), the_one(connection, UNTIL)

    before, when, entry = await database.write(scene)
    assert (before, when) == ([], UNTIL)
    assert (entry.state, entry.delivery_id, entry.sent_at) == (MessageState.POSTING, "d1", NOW)


async def test_a_post_that_was_taken_over(database: Database) -> None:
    """If two couriers did post the same message, both copies are known and kept up to date."""

    def scene(connection: Connection) -> list[tuple[str, str | None]]:
        want(connection, NOW, wanted())
        slow = outbox.start_post(connection, NOW, replace(the_one(connection), delivery_id="d1"), UNTIL, "h")
        quick = outbox.start_post(connection, LATER, the_one(connection, UNTIL), LATER, "h")
        assert slow
        assert quick
        outbox.posted(connection, LATER, quick, "C1", "2.2")
        outbox.posted(connection, LATER, slow, "C1", "1.1")
        outbox.posted(connection, LATER, slow, "C1", "2.2")
        outbox.shown(connection, LATER, the_one(connection, LATER), "h")
        want(connection, LATER, wanted())
        return [(entry.state, entry.ts) for entry in outbox.due(connection, LATER, 10)]

    both = await database.write(scene)
    assert both == [(MessageState.OUTDATED, "2.2"), (MessageState.OUTDATED, "1.1")]


async def test_put_off(database: Database) -> None:
    """A message that was put off is due at its time, and knows why and whether it may be in Slack."""

    def scene(connection: Connection, unsent: bool) -> Any:
        want(connection, NOW, wanted(f"{unsent}"))
        entry = outbox.start_post(connection, NOW, the_one(connection), UNTIL, "hash")
        assert entry
        outbox.put_off(connection, NOW, entry, "no_answer", LATER, unsent=unsent)
        assert (due_keys(connection), outbox.next_at(connection, NOW)) == ([], LATER)
        found = the_one(connection, LATER)
        outbox.gone(connection, LATER, found)
        return found.state, found.attempts, found.error

    assert await database.write(scene, True) == (MessageState.WANTED, 1, "no_answer")
    assert await database.write(scene, False) == (MessageState.POSTING, 1, "no_answer")


async def test_news_of_one_subject_come_in_order(database: Database) -> None:
    """What is told of a subject in a message of its own waits for what was to be told of it before."""

    def scene(connection: Connection) -> list[list[str]]:
        for key in ("a", "b"):
            want(connection, NOW, wanted(key, subject_id="w1", priority=Urgency.STATE))
        want(connection, NOW, wanted("other", subject_id="w2", priority=Urgency.STATE))
        first, *_ = outbox.due(connection, NOW, 100)
        held = outbox.start_post(connection, NOW, replace(first, delivery_id="d1"), UNTIL, "hash")
        assert held
        waits = [due_keys(connection)]
        outbox.put_off(connection, NOW, held, "internal", LATER, unsent=True)
        waits.append(due_keys(connection))
        waits.append(due_keys(connection, LATER))
        return waits

    assert await database.write(scene) == [["other"], ["other"], ["a", "b", "other"]]


async def test_what_is_more_urgent_waits_for_nothing_less(database: Database) -> None:
    """A card does not wait for the progress of the same subject that was put off before it."""

    def scene(connection: Connection) -> list[str]:
        want(connection, NOW, wanted("progress", priority=Urgency.PROGRESS))
        held = outbox.start_post(
            connection, NOW, replace(the_one(connection), delivery_id="d1"), UNTIL, "hash"
        )
        assert held
        outbox.put_off(connection, NOW, held, "internal", LATER, unsent=True)
        want(connection, NOW, wanted("card"))
        return due_keys(connection)

    assert await database.write(scene) == ["card"]


async def test_next_places(database: Database) -> None:
    """Places are tried in their order; after the last one the message has failed and is due no more."""

    def scene(connection: Connection) -> Any:
        want(connection, NOW, wanted(places=["C1", "C2"]))
        assert outbox.next_place(connection, NOW, the_one(connection), "is_archived")
        second = the_one(connection)
        assert not outbox.next_place(connection, NOW, second, "not_in_channel")
        want(connection, NOW, wanted(places=["C1", "C2"]))
        assert due_keys(connection) == []
        state = row(connection, "a").state
        want(connection, NOW, wanted(places=["C3"]))
        return second.channel, second.error, state, the_one(connection).channel

    assert await database.write(scene) == ("C2", "is_archived", MessageState.FAILED, "C3")


async def test_a_refusal_counts_once(database: Database) -> None:
    """Of two that find at the same time that a message has no place, one says so."""

    def scene(connection: Connection) -> list[bool]:
        want(connection, NOW, wanted(places=[]))
        both = the_one(connection), the_one(connection)
        return [outbox.next_place(connection, NOW, entry, "no_place") for entry in both]

    assert await database.write(scene) == [False, True]


async def test_places_of_what_is_posted(database: Database) -> None:
    """A message that is in Slack stays where it is, whatever places it is wanted at later."""

    def scene(connection: Connection) -> str | None:
        want_and_post(connection)
        want(connection, NOW, wanted(places=["C9"]))
        return the_one(connection).channel

    assert await database.write(scene) == "C1"


async def test_replies(database: Database) -> None:
    """A reply is due once its parent is in Slack and the reply before it is: there, and in that thread."""

    def scene(connection: Connection) -> list[Any]:
        seen: list[Any] = []
        for key in ("r1", "r2"):
            want(connection, NOW, wanted(key, places=["C9"], thread_of="a"))
        seen.append(due_keys(connection))
        want(connection, NOW, wanted("a"))
        seen.append(due_keys(connection))
        post(connection, the_one(connection), "7.7")
        first = the_one(connection)
        seen.append((first.key, first.channel, first.thread_ts))
        post(connection, first, "8.8")
        seen.append(the_one(connection).key)
        return seen

    assert await database.write(scene) == [[], ["a"], ("r1", "C1", "7.7"), "r2"]


@pytest.mark.parametrize("end", [outbox.gone, partial(outbox.fail, error="is_archived")])
async def test_replies_without_a_parent(database: Database, end: Callable[..., object]) -> None:
    """A reply stands alone, at its own place, if its parent will never be in Slack."""

    def scene(connection: Connection) -> Any:
        want(connection, NOW, wanted("a"))
        want(connection, NOW, wanted("r1", places=["C9"], thread_of="a"))
        end(connection, NOW, the_one(connection))
        alone = the_one(connection)
        return alone.key, alone.channel, alone.thread_ts

    assert await database.write(scene) == ("r1", "C9", None)


async def test_a_reply_leaves_its_thread(database: Database) -> None:
    """A reply that is refused in its thread goes to its own first place, then to the next."""

    def scene(connection: Connection) -> list[Any]:
        want_and_post(connection)
        want(connection, NOW, wanted("r1", places=["C8", "C9"], thread_of="a"))
        seen = []
        for _ in range(3):
            entry = the_one(connection)
            seen.append((entry.channel, entry.thread_ts, outbox.next_place(connection, NOW, entry, "no")))
        return seen

    assert await database.write(scene) == [("C1", "1.1", True), ("C8", None, True), ("C9", None, False)]


async def test_vanished(database: Database) -> None:
    """What vanished from Slack has to be posted anew if it is live, and is over if it is not."""

    def scene(connection: Connection) -> Any:
        want_and_post(connection)
        want(connection, NOW, wanted())
        outbox.vanished(connection, NOW, the_one(connection), "message_not_found")
        again = the_one(connection)
        post(connection, again, "2.2")
        want(connection, NOW, wanted())
        retire(connection, NOW, "a")
        outbox.vanished(connection, NOW, the_one(connection), "message_not_found")
        return again, row(connection, "a")

    again, last = await database.write(scene)
    assert (again.state, again.ts, again.delivery_id) == (MessageState.WANTED, None, None)
    assert (last.state, last.ts) == (MessageState.GONE, None)


async def test_gone_and_wanted_meanwhile(database: Database) -> None:
    """A message that was wanted again while there seemed to be nothing to show is not forgotten."""

    def scene(connection: Connection) -> list[str]:
        want(connection, NOW, wanted())
        entry = the_one(connection)
        want(connection, NOW, wanted())
        outbox.gone(connection, NOW, entry)
        return due_keys(connection)

    assert await database.write(scene) == ["a"]


async def test_adopted_copies(database: Database) -> None:
    """A copy is adopted once, shows the same subject, follows every change, and is not posted anew."""

    def scene(connection: Connection) -> Entry:
        want_and_post(connection)
        assert adopt(connection, NOW, "a", "C1", "5.5")
        assert not adopt(connection, NOW, "a", "C1", "5.5")
        assert not adopt(connection, NOW, "a", "C1", "1.1")
        assert not adopt(connection, NOW, "other", "C1", "6.6")
        copied = the_one(connection)
        outbox.shown(connection, NOW, copied, "hash")
        assert due_keys(connection) == []
        want(connection, NOW, wanted(subject={"now": 2}))
        assert len(due_keys(connection)) == 2
        return next(entry for entry in outbox.due(connection, NOW, 10) if entry.key != "a")

    copied = await database.write(scene)
    assert (copied.channel, copied.ts, copied.live) == ("C1", "5.5", False)
    assert (copied.subject_id, copied.subject) == ("op1", {"now": 2})


async def test_a_press_before_the_answer(database: Database) -> None:
    """A press that arrives before Slack's answer about the post does not make the card its own copy."""

    def scene(connection: Connection) -> list[str]:
        want(connection, NOW, wanted())
        held = outbox.start_post(connection, NOW, the_one(connection), UNTIL, "hash")
        assert held
        assert adopt(connection, NOW, "a", "C1", "1.1")
        outbox.posted(connection, NOW, held, "C1", "1.1")
        want(connection, NOW, wanted())
        return due_keys(connection)

    assert await database.write(scene) == ["a"]
