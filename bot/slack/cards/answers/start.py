"""The answer to `/workflow` alone: what runs, what waits, and what to type now."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice

from bot.approvals.terms import Gate
from bot.operations.model import State, Story
from bot.slack.cards.blocks.rich import Card, Link, Message, Part, bold, code, one_line, shorten
from bot.slack.cards.blocks.templates import Parts
from bot.slack.cards.blocks.words import plural
from bot.slack.cards.operation.card import title, view_of
from bot.slack.cards.workflow.headline import headline
from bot.watch.model import Watch
from bot.workflows.facts.kind import WorkflowKind
from bot.workflows.guidance import Guidance, guidance
from bot.workflows.own import observed_of, ref_of

RUNNING_SHOWN, WAITING_SHOWN, COMMANDS = 5, 3, 3
_NAME = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Here:
    """What is so at this moment."""

    running: Sequence[Watch]
    """What is watched and has not ended."""
    waiting: Sequence[Story]
    """The oldest first."""
    links: Mapping[str, str]
    """Where the cards and the live messages are, by the id of the request or of the watch."""
    switches_tried: Mapping[str, datetime] = field(default_factory=dict)
    """When the bot last sent a switch of it, by the id of the watch."""
    databases: Sequence[str] = ()
    """Those that the bot is set up for; where it is one, commands name it."""


def start_card(here: Here, now: datetime) -> Message:
    """What runs, what waits for a second person, and the three most useful commands for that."""
    card = Card()
    waiting = [one for one in here.waiting if _asks_others(one)]
    _running(card, here, now)
    _waiting(card, waiting, here.links, now)
    if not card.body:
        card.line(bold("Nothing is watched and nothing waits."), " Begin with one of these:")
    else:
        card.line(bold("Next"))
    for parts in islice(_commands(here, waiting, now), COMMANDS - 1):
        card.line(*parts)
    card.line(code("/workflow help"), "  explains everything else.")
    watched = f"{len(here.running)} watched" if here.running else "Nothing is watched"
    return card.message(f"{watched}, {len(waiting) or 'nothing'} waiting for a second person.")


def _asks_others(story: Story) -> bool:
    operation = story.operation
    return operation.state is State.NEEDS_PERSON or operation.gate is Gate.PEER


def _running(card: Card, here: Here, now: datetime) -> None:
    if here.running:
        card.line(bold(f"Watched · {len(here.running)}"))
    for watch in here.running[:RUNNING_SHOWN]:
        card.line(f"{watch.ref} ", _seen(watch, now), *_link(here.links, watch.id))
    if len(here.running) > RUNNING_SHOWN:
        card.line(f"and {len(here.running) - RUNNING_SHOWN} more")


def _seen(watch: Watch, now: datetime) -> str:
    observed = observed_of(watch.observed)
    if observed is None:
        return "· not read yet"
    workflow = observed.workflow
    known = "last known: " if watch.is_silent(now) else ""
    return f"{shorten(one_line(workflow.name), _NAME)} · {known}{headline(workflow, now)}"


def _waiting(card: Card, waiting: Sequence[Story], links: Mapping[str, str], now: datetime) -> None:
    if waiting:
        card.line(bold(f"Waiting for a second person · {len(waiting)}"))
    for story in waiting[:WAITING_SHOWN]:
        view = view_of(story, now)
        card.line(title(view), " · asked by ", view.who, *_link(links, story.operation.id))
    if len(waiting) > WAITING_SHOWN:
        card.line(f"and {len(waiting) - WAITING_SHOWN} more")


def _commands(here: Here, waiting: Sequence[Story], now: datetime) -> Iterator[Parts]:
    """What is worth typing, the most useful first."""
    if len(waiting) > WAITING_SHOWN or any(one.operation.id not in here.links for one in waiting):
        yield code("/workflow approvals"), f"  shows all {plural(len(waiting), 'request')} that wait."
    yield from _step(here, now)
    database = here.databases[0] if len(here.databases) == 1 else "<DATABASE>"
    yield code(f"/workflow list {database}"), "  shows the workflows of a database."
    create = f"/workflow create {database} <BRANCH> -i"
    yield code(create), "  moves tables to another keyspace; a form asks for the rest."


def _step(here: Here, now: datetime) -> Iterator[Parts]:
    """A next step with its condition, of what nobody asked anything for; then where to read on."""
    asked = {one.operation.ref for one in here.waiting}
    found = [(one.ref, _guidance(here, one, now)) for one in here.running if one.ref not in asked]
    steps = [(ref, step, step.next_command) for ref, step in found if step.next_command]
    for ref, step, command in [one for one in steps if not one[1].weighty][:1]:
        condition = (f"{ref}: {step.next} ", code(command))
        yield condition if step.next else (code(command), f"  is the next step of {ref}.")
    if here.running:
        weighty = next((ref for ref, step, _ in steps if step.weighty), None)
        ref = weighty or here.running[0].ref
        meaning = f"says what comes next for {ref}." if weighty else "shows one of them, read afresh."
        yield code(f"/workflow show {ref.database} {ref_of(ref).number}"), f"  {meaning}"


def _guidance(here: Here, watch: Watch, now: datetime) -> Guidance:
    """What is advised by what is known; nothing where that may be out of date."""
    observed = observed_of(watch.observed)
    if observed is None or watch.is_silent(now):
        return Guidance()
    kind = None if observed.kind is WorkflowKind.UNKNOWN else observed.kind
    return guidance(ref_of(watch.ref), observed.workflow, now, kind, here.switches_tried.get(watch.id))


def _link(links: Mapping[str, str], key: str) -> tuple[Part, ...]:
    return (" · ", Link(links[key])) if key in links else ()
