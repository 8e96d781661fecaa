"""The record of a move, section by section: the same for the live message, the report and its Markdown."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from bot.operations.model import DecisionKind, State, Story
from bot.slack.cards.blocks.rich import At, Link, Part, bold, code, one_line, shorten
from bot.slack.cards.blocks.templates import Parts
from bot.slack.cards.blocks.words import duration
from bot.slack.cards.move.move_story import MoveStory, ToldStage
from bot.slack.cards.move.stage_words import called
from bot.slack.cards.operation.card import view_of
from bot.slack.cards.operation.reason import said_by_a_person
from bot.slack.cards.operation.view import View
from bot.watch.ports import News
from bot.workflows.facts.move_stages import Standing
from bot.workflows.observing.happenings import Happening
from bot.workflows.own import happened_of

UNSEEN: Final = "not seen by this bot"
NAME: Final = 60

_WENT_WRONG = frozenset({State.REFUSED, State.BROKE_OFF, State.NOT_SEEN, State.UNKNOWN, State.NEEDS_PERSON})
_ENDS: Mapping[State, str] = {
    State.WAITING: "waits for people",
    State.SUCCEEDED: "done",
    State.IN_PLACE: "in place, but not seen to be done by this request",
    State.REFUSED: "PlanetScale refused it",
    State.BROKE_OFF: "broke off",
    State.NOT_SEEN: "was not seen to happen",
    State.UNKNOWN: "its outcome is not known",
    State.NEEDS_PERSON: "its outcome is not known, and a person has to say it",
    State.BLOCKED: "stopped by a check, nothing was sent",
    State.DENIED: "denied",
    State.WITHDRAWN: "withdrawn",
    State.EXPIRED: "expired",
    State.SUPERSEDED: "out of date, nothing was sent",
    State.TOO_LATE: "too late, nothing was sent",
}
_TROUBLE: Mapping[Happening, str] = {
    Happening.DIFFERS: "the verification found rows that differ",
    Happening.VERIFICATION_BROKE_OFF: "the verification broke off",
    Happening.NO_REPORT: "the verification ended without a report",
    Happening.VERIFICATION_STANDS: "the verification did not get on",
    Happening.SWITCH_BROKE_OFF: "a switch without this bot went back",
    Happening.MOVING_LONG: "moving traffic took longer than a minute",
    Happening.STOPPED: "replication stopped",
    Happening.ERROR: "the workflow was in error",
    Happening.STREAM_ERROR: "a stream reported an error",
    Happening.THROTTLED_LONG: "throttled for hours",
    Happening.SLOWER: "the estimate doubled",
    Happening.STANDING: "no progress, without a known cause",
    Happening.INDEXING_LONG: "indexes were probably built for hours",
    Happening.CANCELLING_LONG: "the cancel took longer than usual",
    Happening.NOT_COMPLETED: "cut over and not completed for days",
    Happening.GONE: "PlanetScale did not know it any more",
}
_CHANGED: Mapping[Happening, str] = {
    Happening.REPLICAS_SWITCHED: "replica reads switched",
    Happening.PRIMARIES_SWITCHED: "writes switched",
    Happening.REVERSED: "traffic reversed",
    Happening.CUT_OVER: "cut over",
    Happening.RULES_RESTORED: "routing rules restored",
    Happening.COMPLETED: "completed",
    Happening.CANCELLED: "cancelled",
    Happening.RETRIED: "retried",
    Happening.CANCELLING_WITH_TRAFFIC: "a cancel begun with traffic on the target",
}


@dataclass(frozen=True, slots=True)
class Section:
    """Lines under a title."""

    title: str
    lines: tuple[Parts, ...]


def record(move: MoveStory) -> tuple[Section, ...]:
    """What happened, who wanted it and what went wrong, as far as this bot saw it."""
    sections = (
        Section("Stages", tuple(_stages(move))),
        Section("Requests", tuple(_requests(move))),
        Section("Forced", tuple(_forced(move))),
        Section("Without this bot", _in_order(_outside(move))),
        Section("Went wrong", _in_order(_trouble(move)) or (_nothing(move),)),
        Section("What this is from", tuple(_sources(move))),
    )
    return tuple(one for one in sections if one.lines)


# stages


def _stages(move: MoveStory) -> Iterator[Parts]:
    if move.workflow is None:
        yield (f"The workflow itself: {UNSEEN}.",)
    for told in move.stages:
        if told.stage.standing is not Standing.AHEAD:
            yield _stage(told)


def _stage(told: ToldStage) -> Parts:
    stage = told.stage
    name = called(stage)
    if stage.standing is Standing.PASSED:
        return (f"{name}: a later stage was reached without it",)
    if stage.standing is Standing.DOUBTFUL:
        return (f"{name}: not certain",)
    if stage.standing is Standing.UNDER_WAY:
        return (f"{name} now",)
    if stage.standing is Standing.BROKEN_OFF:
        return (f"{name}: stands still",)
    if stage.reached_at is None:
        return (f"{name}: when, was {UNSEEN}",)
    return (f"{name} ", At(stage.reached_at), _how_long(told))


def _how_long(told: ToldStage) -> str:
    if told.took is not None:
        return f" · took {duration(told.took)}"
    return f" · {duration(told.after)} after the stage before" if told.after is not None else ""


# requests


def _requests(move: MoveStory) -> Iterator[Parts]:
    if not move.are_all:
        yield ("Older requests: ", code(f"/workflow history {move.ref.database} {move.ref.number}"))
    for story in _shown(move):
        view = _view(move, story)
        yield (At(story.operation.asked_at), " · ", bold(view.title), " · asked by ", *_asked(view))
        yield ("→ ", *_decided(view), *_ended(view), *_link(move, story))


def _view(move: MoveStory, story: Story) -> View:
    view = view_of(story, move.now)
    return replace(view, known={**move.names, **view.known})


def _shown(move: MoveStory) -> Iterator[Story]:
    """Those that everybody could see: what was refused to one person alone is theirs."""
    return (one for one in move.requests if one.operation.has_card)


def _asked(view: View) -> Parts:
    reason = view.operation.reason
    return (view.who, *((" ", *said_by_a_person(reason)) if reason else ()))


def _decided(view: View) -> Parts:
    """Each approval that counted, with its time, and each that did not count any more."""
    parts: list[Part] = []
    for one in view.story.approved_by:
        parts += ["approved by ", view.called(one.user), " ", At(one.at), " · "]
    for one in view.story.dropped:
        parts += ["the approval of ", view.called(one.user), " did not count any more · "]
    return tuple(parts)


def _ended(view: View) -> Parts:
    """How it ended and when, and by whom where a person ended it."""
    operation = view.operation
    at: Parts = (" ", At(operation.ended_at)) if operation.ended_at else ()
    took = view.took if operation.state is State.SUCCEEDED and not view.action.only_starts else ""
    return (*_outcome(view), *at, took)


def _outcome(view: View) -> Parts:
    operation, outcome = view.operation, view.operation.outcome
    denied = view.story.last(DecisionKind.DENY)
    match operation.state:
        case State.DENIED if denied:
            said: Parts = (" ", *said_by_a_person(denied.reason)) if denied.reason else ()
            return ("denied by ", view.called(denied.user), *said)
        case State.IN_PLACE if outcome.remark:
            return (_cut(outcome.remark),)
        case State.SUCCEEDED | State.IN_PLACE | State.NOT_SEEN if outcome.settled_by:
            happened = "did not happen" if operation.state is State.NOT_SEEN else "did happen"
            return (f"{happened}, says ", view.called(outcome.settled_by))
        case State.NOT_SEEN if outcome.late_effect_at:
            return ("was not seen to happen, and happened after all ", At(outcome.late_effect_at), ";")
        case State.SUCCEEDED if view.action.only_starts:
            return ("begun",)
        case state:
            return (_ENDS.get(state, "is not over yet"),)


def _link(move: MoveStory, story: Story) -> Parts:
    link = move.links.get(story.operation.id)
    return (" · ", Link(link, "open")) if link else ()


# what was out of the ordinary


def _forced(move: MoveStory) -> Iterator[Parts]:
    for story in _shown(move):
        view = _view(move, story)
        for finding in view.forced_over:
            yield (
                At(story.operation.asked_at),
                f" · {view.title}, forced by ",
                view.who,
                ": ",
                *view.sentence(finding.without_quotes),
            )


def _outside(move: MoveStory) -> Iterator[tuple[datetime, Parts]]:
    for news in move.news:
        happened = happened_of(news.happened)
        if news.outside and happened.what in _CHANGED:
            by = f" by {_cut(happened.by)} at PlanetScale" if happened.by else f", by whom was {UNSEEN}"
            yield happened.at, (f"{_CHANGED[happened.what]}{by}",)


def _trouble(move: MoveStory) -> Iterator[tuple[datetime, Parts]]:
    for news in move.news:
        happened = happened_of(news.happened)
        if happened.what in _TROUBLE:
            subject = f" ({_cut(happened.subject)})" if happened.subject else ""
            yield happened.since or happened.at, (f"{_TROUBLE[happened.what]}{subject}",)
    for story in _shown(move):
        view, outcome = _view(move, story), story.operation.outcome
        at = story.operation.ended_at or story.operation.sent_at or story.operation.asked_at
        if story.operation.state in _WENT_WRONG:
            yield at, (f"{view.title}: ", *_outcome(view))
        elif outcome.unknown_at:
            yield outcome.unknown_at, (f"{view.title}: its outcome was not known for a time",)
        elif outcome.slow:
            yield at, (f"{view.title}: it took longer than a minute",)


def _in_order(found: Iterator[tuple[datetime, Parts]]) -> tuple[Parts, ...]:
    told = sorted(found, key=lambda one: one[0])
    return tuple((At(at), " · ", *parts) for at, parts in told)


def _nothing(move: MoveStory) -> Parts:
    return ("Nothing that this bot saw." if move.watch else "Nothing that its requests show.",)


# what it rests on


def _sources(move: MoveStory) -> Iterator[Parts]:
    if move.workflow is not None and move.read_at:
        yield ("Stages: PlanetScale's times, as this bot read them last, ", At(move.read_at))
    if move.watch is None:
        yield (f"It was never watched: what happened without a request of this bot was {UNSEEN}.",)
        return
    until: Parts = (" until ", At(move.watch.over_at)) if move.watch.over_at else ()
    yield ("First watched ", At(move.watch.created_at), *until)
    created = move.workflow.created_at if move.workflow else None
    if created and move.watch.created_at > created:
        yield (f"What happened before that without a request of this bot was {UNSEEN}.",)


def _cut(text: str) -> str:
    return shorten(one_line(text), NAME)


def news_of(found: Mapping[str, News]) -> tuple[News, ...]:
    """The news of a move in order, each once: what went to several people is one piece."""
    unique = {(one.happened.what, one.happened.at, one.happened.details): one for one in found.values()}
    return tuple(sorted(unique.values(), key=lambda one: one.happened.at))
