"""Whatever happens in whatever order: in the end Slack and the board say the same."""

import asyncio
import contextlib
from collections import Counter, defaultdict
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.demo.slack.people import DB_MOVES, RANDOM
from tests.slack.courier_stage import Fuse, KilledError, Stage

CARDS = 3
PLACES = (DB_MOVES, RANDOM)
FAULTS: list[dict[str, Any]] = [
    {"how": "lose"},
    {"how": "garbage"},
    {"status": 503},
    {"error": "fatal_error"},
    {"error": "ratelimited"},
    {"error": "invalid_auth"},
    {"error": "invalid_blocks"},
    {"error": "a_new_reason"},
    {"error": "org_login_required"},
    {"error": "metadata_too_large"},
]
CLOSED: dict[str, Any] = {"error": "not_in_channel"}
UPDATE_FAULTS: list[dict[str, Any]] = [
    *FAULTS,
    {"error": "edit_window_closed"},
    {"error": "cant_update_message"},
    {"error": "update_failed"},
    {"error": "block_mismatch"},
    CLOSED,
]
POST_FAULTS: list[dict[str, Any]] = [
    *FAULTS,
    {"error": "not_in_channel"},
    {"error": "is_archived"},
    {"error": "thread_not_found"},
]
READ_FAULTS: list[dict[str, Any]] = [{"how": "lose"}, {"status": 503}, {"error": "ratelimited"}]

steps = st.one_of(
    st.tuples(st.just("card"), st.integers(0, CARDS - 1)),
    st.tuples(st.just("tell"), st.none() | st.integers(0, CARDS - 1)),
    st.tuples(st.just("chat.postMessage"), st.sampled_from(POST_FAULTS)),
    st.tuples(st.just("chat.update"), st.sampled_from(UPDATE_FAULTS)),
    st.tuples(st.just("chat.delete"), st.sampled_from(FAULTS)),
    st.tuples(st.just("conversations.history"), st.sampled_from(READ_FAULTS)),
    st.tuples(st.just("conversations.replies"), st.sampled_from(READ_FAULTS)),
    st.tuples(st.just("run"), st.just(0)),
    st.tuples(st.just("run both"), st.just(0)),
    st.tuples(st.just("kill"), st.integers(0, 12)),
    st.tuples(st.just("wait"), st.sampled_from([1, 20, 100])),
)


class World:
    """The two couriers, and what people should read in the end."""

    def __init__(self, post: Stage) -> None:
        self.post = post
        self.versions: Counter[int] = Counter()
        self.told: dict[str, int | None] = {}
        self.closed = False
        """Whether a place was closed to an edit."""
        self.couriers = [post.courier(), post.courier()]

    async def do(self, what: str, how: Any) -> None:
        match what:
            case "card":
                await self.card(how)
            case "tell":
                name = f"event {len(self.told):02d}"
                self.told[name] = how
                await self.post.event(name, None if how is None else f"card {how}", places=PLACES)
            case "run":
                await self.couriers[0].run_once()
            case "run both":
                await asyncio.gather(*(courier.run_once() for courier in self.couriers))
            case "kill":
                await self.killed(how)
            case "wait":
                self.post.clock.advance(how)
            case method:
                self.closed |= method == "chat.update" and how == CLOSED
                self.post.slack.fail(method, **how)

    async def card(self, number: int) -> None:
        self.versions[number] += 1
        await self.post.want(f"card {number}", f"card {number} v{self.versions[number]}", places=PLACES)

    async def killed(self, after: int) -> None:
        with contextlib.suppress(KilledError):
            await self.post.courier(Fuse(after)).run_once()

    async def end(self) -> None:
        """Everything is well again, and time passes."""
        self.post.slack.faults.heal()
        for number in {parent for parent in self.told.values() if parent is not None}:
            await self.card(number)
        await self.post.settle(self.couriers[0])

    def check(self) -> None:
        undeliverable = {key for key, _ in self.post.refused}
        cards = {f"card {number} v{version}" for number, version in self.versions.items()}
        expected = {text for text in {*cards, *self.told} if text.rpartition(" v")[0] not in undeliverable}
        texts = [*self.post.shown(), *self.post.shown(RANDOM)]
        if self.closed:  # a card that moved on is kept right where it was before as well: once in a place
            assert all(set(Counter(self.post.shown(place)).values()) <= {1} for place in PLACES)
            texts = [text for text in texts if text in self.told] + list(set(texts) - self.told.keys())
        assert Counter(texts) == Counter(expected - undeliverable)
        threads = defaultdict(list)
        for channel in PLACES:
            for message in self.post.slack.messages(channel):
                threads[message.thread_ts].append(self.post.slack.visible_text(message))
        threads.pop(None, None)
        for replies in threads.values():
            assert replies == sorted(replies)
            assert len({self.told[reply] for reply in replies}) == 1


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    print_blob=True,
)
@given(story=st.lists(steps, max_size=30))
async def test_slack_and_the_board_agree(post: Stage, story: list[tuple[str, Any]]) -> None:
    """Each message is there once, as it is now; each event is told once; threads are in order."""
    await post.reset()
    world = World(post)
    for what, how in story:
        await world.do(what, how)
    await world.end()
    world.check()
