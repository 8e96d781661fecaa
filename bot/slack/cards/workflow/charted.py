"""A picture of a copy in words, and the answers around it."""

from dataclasses import replace
from datetime import datetime, timedelta

from bot.planetscale.models import Workflow
from bot.planetscale.refs import WorkflowRef
from bot.slack.cards.blocks.rich import At, Card, Line, Message, code, one_line, shorten
from bot.slack.cards.blocks.templates import Parts
from bot.slack.cards.blocks.words import count, duration
from bot.slack.cards.operation.view import moment_near
from bot.slack.cards.workflow.native_chart import MAX_SERIES, native_chart
from bot.workflows.facts.states import ENDED, state_of
from bot.workflows.observing.picture import HELD, LATELY, Mark, Picture

MAX_ALT = 1_000
"""Slack's limit for the text that stands for a picture."""
EACH = 3
"""So many times of standing are told one by one; more are told together."""


def words(picture: Picture) -> tuple[str, ...]:
    """What the picture shows, line by line, where Slack takes text alone. Times are UTC, and say so."""
    return tuple(line.plain for line in lines(picture))


def lines(picture: Picture) -> tuple[Line, ...]:
    """The same, with moments that each reader sees in their own time."""
    return tuple(Line(tuple(parts)) for parts in _parts(picture))


def _parts(picture: Picture) -> tuple[Parts, ...]:
    tables = (f"{one_line(one.name)} {_about(one.rows)}" for one in picture.series)
    held = [mark for mark in picture.marks if mark.what == HELD]
    marks = [mark for mark in picture.marks if mark.what != HELD or len(held) <= EACH]
    return (
        (f"Rows copied of {one_line(picture.title)}, ", *_between(picture.begins, picture.ends), "."),
        (_rates(picture),),
        (f"By table: {' · '.join(tables)}",),
        *(_mark(mark) for mark in marks),
        *([_together(held)] if len(held) > EACH else []),
    )


def alt_text(picture: Picture) -> str:
    """The words for whoever cannot see the picture."""
    return shorten("\n".join(words(picture)), MAX_ALT)


def _rates(picture: Picture) -> str:
    first, last = picture.totals[0][1], picture.totals[-1][1]
    passed = duration(picture.ends - picture.begins)
    parts = [f"From {_about(first)} to {_about(last)} rows in {passed}"]
    if (overall := picture.rate()) is not None:
        parts.append(f"{count(int(overall))} rows/s on average")
    span = picture.span(LATELY)
    if (lately := picture.rate(LATELY)) is not None and span < picture.span():
        parts.append(f"{count(int(lately))} rows/s in the last {duration(span)}")
    return " · ".join(parts)


def _mark(mark: Mark) -> Parts:
    when = _between(mark.at, mark.until) if mark.until else (At(mark.at),)
    return (*when, f": {mark.what}")


def _together(held: list[Mark]) -> Parts:
    length = sum(((mark.until or mark.at) - mark.at for mark in held), timedelta())
    ended = At(held[-1].until or held[-1].at)
    return (f"{len(held)} times {HELD}, {duration(length)} in all, the last until ", ended)


def _about(rows: int) -> str:
    return f"about {count(rows)}" if rows else "0"


def _between(begins: datetime, ends: datetime) -> Parts:
    return (At(begins), " to ", moment_near(ends, begins))


def native_card(picture: Picture, notes: tuple[str, ...] = ()) -> Message:
    """Slack's own chart, and below it what it shows."""
    card, drawn = Card(), picture.gathered(MAX_SERIES)
    _say(card, drawn, notes)
    message = card.message()
    return replace(message, blocks=(native_chart(drawn), *message.blocks))


def charted_card(picture: Picture, file: str, notes: tuple[str, ...] = ()) -> Message:
    """Where the picture is, and what it shows."""
    return _told(picture, ("The picture is in our direct message as the file ", code(file), "."), notes)


def not_taken_card(picture: Picture, notes: tuple[str, ...] = ()) -> Message:
    """Slack refused the file."""
    reason = "Slack did not take the picture: the bot needs the scopes files:write and im:write."
    return _told(picture, (reason,), notes)


def no_extra_card(picture: Picture, notes: tuple[str, ...] = ()) -> Message:
    """Slack refused its own chart, and the library that draws a picture is not installed."""
    reason = ("Slack does not take charts here; a picture needs the extra ", code("chart"), " on the server.")
    return _told(picture, reason, notes)


def no_samples_card(ref: WorkflowRef, workflow: Workflow, watched_since: datetime | None) -> Message:
    """Nothing, or too little, was kept to draw; what to do, while there is still something to be copied."""
    card = Card()
    ended = state_of(workflow.state) in ENDED
    if ended or workflow.data_copy_completed_at:
        gone = ", or it ended more than a week ago" if ended else ""
        card.line(f"Nothing to draw: {ref} was not watched while it copied{gone}.")
        return card.message()
    if watched_since:
        card.line(f"No samples of {ref} yet: it has been watched since ", At(watched_since), ".")
    else:
        command = code(f"/workflow watch {ref.database} {ref.number}")
        card.line(f"No samples of {ref}: it is not watched. ", command)
    card.line("They are taken while it copies, about every half minute.")
    return card.message()


def _told(picture: Picture, first: Parts, notes: tuple[str, ...]) -> Message:
    card = Card()
    card.line(*first)
    _say(card, picture, notes)
    return card.message()


def _say(card: Card, picture: Picture, notes: tuple[str, ...]) -> None:
    for line in lines(picture):
        card.line(*line.parts)
    for note in notes:
        card.line(note)
