"""`watch`, `unwatch` and the menu of a live message: who may, and what follows. All answered privately."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

import structlog
from sqlalchemy import Connection

from bot.commands.lines import chat_line
from bot.commands.model import UnwatchWorkflow, WatchWorkflow, known
from bot.planetscale.errors import PlanetScaleError
from bot.slack.cards.answers import watch_answers as cards
from bot.slack.cards.answers.brief_answers import apology, error_card, in_doubt_card, noted, which_watch_card
from bot.slack.cards.blocks.addressing import addressed
from bot.slack.cards.blocks.rich import Message
from bot.slack.cards.watch import live_buttons as menu
from bot.slack.directory import Member
from bot.slack.handlers.button_presses import Pressed
from bot.slack.handlers.finder import Finder, numbered
from bot.slack.slack_services import SlackServices
from bot.store.engine.notify import Part, notify
from bot.store.errors import CommitUnknownError, StoreError
from bot.subjects.model import Ref
from bot.watch.model import Origin
from bot.watch.model import Watch as Row
from bot.watch.ports import NewsBoard
from bot.watch.storage import watch_repository
from bot.workflows.facts.meant import Candidate, Doubt, the_one_meant
from bot.workflows.facts.states import is_active
from bot.workflows.own import observed_of, ref_of

log = structlog.stdlib.get_logger(__name__)

Places = tuple[str, ...]


class WatchCommands:
    """Changes what is watched, for one person at a time."""

    def __init__(self, services: SlackServices, board: NewsBoard) -> None:
        self._services = services
        self._finder = Finder(services.planetscale)
        self._board = board

    async def command(
        self, user_id: str, channel: str, response_url: str, command: WatchWorkflow | UnwatchWorkflow
    ) -> None:
        """Carry out `watch` or `unwatch`, and say what is so now."""

        async def answer(person: Member) -> Message:
            named = await self._named(command)
            if isinstance(named, Message):
                return named
            if isinstance(named, UnwatchWorkflow):
                message = await self._unwatch(person, self._finder.ref(named))
            else:
                message = await self._watch(person, channel, named)
            return noted(message, named.assumed)

        organization = self._services.planetscale.named(command.organization)
        await self._for_a_reader(user_id, (organization, known(command.database)), response_url, answer)

    async def _named(
        self, command: WatchWorkflow | UnwatchWorkflow
    ) -> WatchWorkflow | UnwatchWorkflow | Message:
        """The command with its number; where it was left out, that of the only one that can be meant."""
        if isinstance(command, WatchWorkflow):
            return await self._finder.named(command)
        if command.number is not None:
            return command
        database = known(command.database)
        organization = self._services.planetscale.named(command.organization)
        watches = await self._services.database.read(watch_repository.running, organization)
        watched = [_candidate(watch) for watch in watches if watch.ref.database == database]
        if command.named is not None:
            return await self._of_name(command, watched)
        here = [one.number for one in watched]
        if len(here) != 1:
            return which_watch_card(database, [chat_line(replace(command, number=one)) for one in here])
        sentence = f"You did not say which: of {database}, only #{here[0]} is watched."
        return replace(command, number=here[0], assumed=(*command.assumed, sentence))

    async def _of_name(self, command: UnwatchWorkflow, watched: list[Candidate]) -> UnwatchWorkflow | Message:
        """The watched one of that name; a watch that was not read yet knows none, but PlanetScale does."""
        meant = the_one_meant(known(command.database), command.named, watched)
        return await self._finder.named(command) if isinstance(meant, Doubt) else numbered(command, meant)

    async def chosen(self, pressed: Pressed) -> None:
        """Carry out a choice from the menu of a live message."""
        what, _, watch_id = pressed.value.partition(":")
        watch = await self._services.database.read(watch_repository.load, watch_id)
        if watch is None:
            log.warning("choice_not_understood", what=what[:20])
            return

        async def answer(person: Member) -> Message:
            return await self._choice(what, watch, person)

        place = (watch.ref.organization, watch.ref.database)
        await self._for_a_reader(pressed.user_id, place, pressed.response_url, answer)

    async def _for_a_reader(
        self,
        user_id: str,
        place: tuple[str, str],
        response_url: str,
        work: Callable[[Member], Awaitable[Message]],
    ) -> None:
        try:
            admitted = await self._services.readership.admit(user_id, *place)
            message = admitted if isinstance(admitted, Message) else await work(admitted)
        except PlanetScaleError as error:
            message = error_card(error.what, error.todo, error.said)
        except StoreError as error:
            log.error("watch_not_written", error=str(error))
            message = in_doubt_card() if isinstance(error, CommitUnknownError) else apology()
        if response_url:
            message = addressed(message, place[0], self._services.planetscale.default)
            await self._services.replies.send(response_url, message)

    async def _watch(self, person: Member, channel: str, command: WatchWorkflow) -> Message:
        ref = self._finder.ref(command)
        running = await self._services.database.read(_shown, ref)
        shared = await self._shared(ref, channel)
        places = self._places(ref, channel, here=shared is False)
        if running:
            moves = bool(places) and places[:1] != running.places[:1]
            return cards.already_watched(running, await self._link(running), would_move=moves)
        if not places:
            return cards.no_channel(ref, in_doubt=shared is None)
        workflow = await self._finder.workflow(command)
        if isinstance(workflow, Message):
            return workflow
        if not is_active(workflow.state):
            return cards.has_ended(ref, workflow)
        watch = await self._services.database.write(self._begun, ref, places, person)
        return cards.watching_now(watch, workflow)

    async def _shared(self, ref: Ref, channel: str) -> bool | None:
        """Whether it may not be told there: a direct message, or a channel that other companies see, unless
        the policy allows it. `None`: Slack cannot say.
        """
        if channel.startswith("D"):
            return True
        if self._services.policy.terms_for(ref.organization, ref.database).allow_shared_channels:
            return False
        return await self._services.approvers.shared(channel)

    def _places(self, ref: Ref, channel: str, *, here: bool) -> Places:
        """The channels in which it may be told, the best first. `here`: in this one too."""
        terms = self._services.policy.terms_for(ref.organization, ref.database)
        wanted = (terms.channel, channel if here else None, self._services.default_channel)
        return tuple(dict.fromkeys(place for place in wanted if place))

    def _begun(self, connection: Connection, ref: Ref, places: Places, person: Member) -> Row:
        notify(connection, Part.WATCH)
        return watch_repository.begin(
            connection,
            ref,
            places=places,
            origin=Origin.ASKED,
            now=self._services.clock.now(),
            mention=person.id,
            names={person.id: person.name},
        )

    async def _unwatch(self, person: Member, ref: Ref) -> Message:
        after = await self._services.database.write(self._stopped, ref, person)
        return cards.unwatched(after) if after else cards.not_watched(ref)

    def _stopped(self, connection: Connection, ref: Ref, person: Member) -> Row | None:
        now = self._services.clock.now()
        after = watch_repository.stop(connection, ref, person.id, now, names={person.id: person.name})
        if after:
            self._board.live(connection, after, now, urgent=True)
        return after

    async def _choice(self, what: str, watch: Row, person: Member) -> Message:
        match what:
            case menu.STOP:
                return await self._unwatch(person, watch.ref)
            case menu.MENTION:
                after = await self._services.database.write(self._called, watch.id, person)
                return cards.mentioned(after) if after else cards.not_watched(watch.ref)
            case menu.BOTTOM:
                moved = await self._services.database.write(self._moved, watch.id)
                return cards.brought_to_the_bottom(watch) if moved else cards.not_watched(watch.ref)
            case menu.TABLES:
                return cards.all_tables(watch, self._services.clock.now())
            case menu.STREAMS:
                return cards.stream_messages(watch, self._services.clock.now())
            case _:
                log.warning("choice_not_understood", what=what[:20])
                return apology()

    def _called(self, connection: Connection, watch_id: str, person: Member) -> Row | None:
        now = self._services.clock.now()
        return watch_repository.call_instead(
            connection, watch_id, person.id, now, names={person.id: person.name}
        )

    def _moved(self, connection: Connection, watch_id: str) -> bool:
        now = self._services.clock.now()
        moved = watch_repository.to_the_bottom(connection, watch_id, now)
        if moved:
            self._board.moved(connection, *moved, now)
        return moved is not None

    async def _link(self, watch: Row) -> str | None:
        return await self._services.database.read(self._services.links.to, watch.live_key)


def _candidate(watch: Row) -> Candidate:
    """What is watched, as what may be meant: by its name, once that was read."""
    number, observed = ref_of(watch.ref).number, observed_of(watch.observed)
    if observed is None:
        return Candidate(number, "")
    return Candidate(number, observed.workflow.name, is_active(observed.workflow.state))


def _shown(connection: Connection, ref: Ref) -> Row | None:
    """The watch on a workflow, if it goes on and Slack has not refused its live message."""
    found = watch_repository.find(connection, ref)
    shown = found and found.over is None and not watch_repository.is_nowhere(connection, found)
    return found if shown else None
