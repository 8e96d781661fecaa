"""What went wrong by itself: errors, a standstill of the replication, streams that complain."""

from dataclasses import replace

from bot.planetscale.models import Stream, Workflow
from bot.workflows.evidence_times import actor
from bot.workflows.happenings import Happened, Happening
from bot.workflows.sight import Sight
from bot.workflows.states import State, state_of

SAID_AT_MOST = 300
REMEMBERED = 50
"""How many error texts are remembered as told."""
OWN_STOP_SECONDS = 120
"""A verification stops the streams and starts them again: a stop right after one is not told before that."""

_STREAMS_SHOULD_RUN = frozenset({State.COPYING, State.RUNNING, State.VERIFIED_DATA, State.SWITCHED_REPLICAS})


def troubles(before: Sight, now: Sight) -> tuple[Sight, list[Happened]]:
    """`now` and the troubles that are news."""
    match state_of(now.workflow.state):
        case State.ERROR:
            return _error(before, now)
        case State.STOPPED:
            return _stopped(now)
        case State.REVERSING_TRAFFIC_FOR_CANCEL if before.workflow.state != now.workflow.state:
            by = actor(now.workflow, Happening.CANCELLED)
            return now, [now.news(Happening.CANCELLING_WITH_TRAFFIC, by=by)]
        case state if state in _STREAMS_SHOULD_RUN and now.detail_at == now.read_at:
            return _streams(now)
        case _:
            return now, []


def said(workflow: Workflow) -> str | None:
    """PlanetScale's words about what is wrong: of the workflow, else of a stream that does not run."""
    if workflow.workflow_errors:
        return first_line(workflow.workflow_errors)
    texts = (
        text_of(stream) for stream in workflow.streams or () if state_name(stream) in {"error", "stopped"}
    )
    return next((text for text in texts if text), None)


def first_line(text: str | None) -> str | None:
    """The first line that says something, shortened."""
    lines = (line.strip() for line in (text or "").splitlines())
    return next((line[:SAID_AT_MOST] for line in lines if line), None)


def text_of(stream: Stream) -> str | None:
    """What a stream says of itself."""
    logged = stream.logs[-1].message if stream.logs else None
    return first_line(stream.info) or first_line(logged)


def state_name(stream: Stream) -> str:
    """A stream's state, whichever way PlanetScale writes it."""
    return (stream.state or "").lower()


def _error(before: Sight, now: Sight) -> tuple[Sight, list[Happened]]:
    entered = before.workflow.state != now.workflow.state
    text = said(now.workflow) if entered else first_line(now.workflow.workflow_errors)
    if not entered and (text is None or text in now.said):
        return now, []
    news = now.news(Happening.ERROR, now.entered_at if entered else None, was_state=now.previous, said=text)
    return _remember(now, text), [news]


def _stopped(now: Sight) -> tuple[Sight, list[Happened]]:
    if now.told.get(Happening.STOPPED) == now.entered_at:
        return now, []
    if now.workflow.primaries_switched or Happening.PRIMARIES_SWITCHED in now.reached:
        return now, []
    for_now = (now.read_at - now.entered_at).total_seconds() < OWN_STOP_SECONDS
    if for_now and state_of(now.previous or "") is State.VERIFYING_DATA:
        return now, []
    news = now.news(Happening.STOPPED, now.entered_at, was_state=now.previous, said=said(now.workflow))
    return replace(now, told={**now.told, Happening.STOPPED: now.entered_at}), [news]


def _streams(now: Sight) -> tuple[Sight, list[Happened]]:
    """Each text once, however many streams say it."""
    found: list[Happened] = []
    if now.workflow.primaries_switched or Happening.PRIMARIES_SWITCHED in now.reached:
        return now, found
    for stream in now.workflow.streams or ():
        shard = stream.target_shard or stream.source_shard
        text = text_of(stream)
        key = text or f"stream {shard or '-'}"
        if state_name(stream) != "error" or key in now.said:
            continue
        found.append(now.news(Happening.STREAM_ERROR, said=text, subject=shard))
        now = _remember(now, key)
        if len(found) == REMEMBERED:
            break
    return now, found


def _remember(sight: Sight, text: str | None) -> Sight:
    if text is None:
        return sight
    others = tuple(known for known in sight.said if known != text)
    return replace(sight, said=(*others, text)[-REMEMBERED:])
