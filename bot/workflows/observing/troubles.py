"""What went wrong by itself: errors, a standstill of the replication, streams that complain."""

import re
from dataclasses import replace
from datetime import timedelta

from bot.planetscale.models import Stream, Workflow
from bot.workflows.facts.states import State, state_of
from bot.workflows.observing.happenings import Happened, Happening
from bot.workflows.observing.observed_state import ObservedState
from bot.workflows.outcome.evidence_times import actor

SAID_AT_MOST = 300
REMEMBERED = 50
"""How many error texts are remembered as told."""
OWN_STOP_SECONDS = 120
"""A verification stops the streams and starts them again: a stop right after one is not told before that."""
WELL_FOR = timedelta(minutes=10)
"""Streams that were well for so long have recovered: what they say next is news, even if it was told."""

_VARIES = re.compile(
    r"""(?<!\w)(?:'[^'\d]*\d[^']*'|"[^"\d]*\d[^"]*"|`[^`\d]*\d[^`]*`)"""  # values, but not names
    r"""|\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b|\b[0-9a-f]{8,}\b"""  # servers, hashes
    r"""|\b\w*?\d\w*""",  # counters, positions, moments
    re.IGNORECASE,
)
_READ_AT_MOST = 2000
STREAMS_SHOULD_RUN = frozenset({State.COPYING, State.RUNNING, State.VERIFIED_DATA, State.SWITCHED_REPLICAS})


def troubles(before: ObservedState, now: ObservedState) -> tuple[ObservedState, list[Happened]]:
    """`now` and the troubles that are news."""
    match state_of(now.workflow.state):
        case State.ERROR:
            return _error(before, now)
        case State.STOPPED:
            return _stopped(now)
        case State.REVERSING_TRAFFIC_FOR_CANCEL | State.CANCELLING if _moves_traffic_back(before, now):
            by = actor(now.workflow, Happening.CANCELLED)
            return now, [now.news(Happening.CANCELLING_WITH_TRAFFIC, by=by)]
        case state if state in STREAMS_SHOULD_RUN and now.detail_at == now.read_at:
            return _streams(now)
        case _:
            return now, []


def said(workflow: Workflow) -> str | None:
    """PlanetScale's words about what is wrong: of the workflow, else of a stream that does not run."""
    return _shortened(_said(workflow))


def gist_of(workflow: Workflow) -> str:
    """The gist of PlanetScale's words about what is wrong."""
    return gist(_said(workflow))


def gist(text: str | None) -> str:
    """The words alone: a text that counts attempts or quotes positions says the same each time.

    `text` must be whole: a counter that grows would move its end.
    """
    words = _VARIES.sub(" ", (text or "")[:_READ_AT_MOST])
    return " ".join(re.findall(r"[^\W_]+", words.lower()))[:SAID_AT_MOST]


def _said(workflow: Workflow) -> str | None:
    if workflow.workflow_errors:
        return _first_line(workflow.workflow_errors)
    texts = (
        _text_of(stream) for stream in workflow.streams or () if state_name(stream) in {"error", "stopped"}
    )
    return next((text for text in texts if text), None)


def _text_of(stream: Stream) -> str | None:
    """What a stream says of itself."""
    logged = stream.logs[-1].message if stream.logs else None
    return _first_line(stream.info) or _first_line(logged)


def _first_line(text: str | None) -> str | None:
    """The first line that says something."""
    lines = (line.strip() for line in (text or "").splitlines())
    return next((line for line in lines if line), None)


def _shortened(text: str | None) -> str | None:
    return text and text[:SAID_AT_MOST]


def state_name(stream: Stream) -> str:
    """A stream's state, whichever way PlanetScale writes it."""
    return (stream.state or "").lower()


def _moves_traffic_back(before: ObservedState, now: ObservedState) -> bool:
    """Whether a cancel has begun that moves traffic, or has moved it between two reads."""
    was = state_of(before.workflow.state)
    if was is State.REVERSING_TRAFFIC_FOR_CANCEL or now.workflow.state == before.workflow.state:
        return False
    moves = state_of(now.workflow.state) is State.REVERSING_TRAFFIC_FOR_CANCEL
    switches = {Happening.REPLICAS_SWITCHED, Happening.PRIMARIES_SWITCHED}
    return moves or bool(before.reached & now.reached & switches)


def _error(before: ObservedState, now: ObservedState) -> tuple[ObservedState, list[Happened]]:
    """Once for each time it fails: what else it says after that is in the live message."""
    news = now.news(Happening.ERROR, now.entered_at, was_state=now.previous, said=said(now.workflow))
    entered = before.workflow.state != now.workflow.state or before.entered_at < now.entered_at
    return _remember(_unwell(now), gist_of(now.workflow)), [news] if entered else []


def _stopped(now: ObservedState) -> tuple[ObservedState, list[Happened]]:
    if now.told.get(Happening.STOPPED) == now.entered_at:
        return now, []
    if now.workflow.primaries_switched or Happening.PRIMARIES_SWITCHED in now.reached:
        return now, []
    for_now = (now.read_at - now.entered_at).total_seconds() < OWN_STOP_SECONDS
    if for_now and state_of(now.previous or "") is State.VERIFYING_DATA:
        return now, []
    news = now.news(Happening.STOPPED, now.entered_at, was_state=now.previous, said=said(now.workflow))
    return replace(now, told={**now.told, Happening.STOPPED: now.entered_at}), [news]


def _streams(now: ObservedState) -> tuple[ObservedState, list[Happened]]:
    """Each text once, however many streams say it, until they have recovered."""
    found: list[Happened] = []
    if now.workflow.primaries_switched or Happening.PRIMARIES_SWITCHED in now.reached:
        return now, found
    failing = [stream for stream in now.workflow.streams or () if state_name(stream) == "error"]
    if not failing:
        return replace(now, well_since=now.well_since or now.read_at) if now.workflow.streams else now, found
    now = _unwell(now)
    for stream in failing:
        shard = stream.target_shard or stream.source_shard
        text = _text_of(stream)
        key = gist(text) or f"stream {shard or '-'}"
        if key in now.said:
            continue
        found.append(now.news(Happening.STREAM_ERROR, said=_shortened(text), subject=shard))
        now = _remember(now, key)
        if len(found) == REMEMBERED:
            break
    return now, found


def _unwell(now: ObservedState) -> ObservedState:
    """What was said before the streams recovered is forgotten once something is wrong again."""
    recovered = now.well_since and now.read_at - now.well_since >= WELL_FOR
    return replace(now, well_since=None, said=() if recovered else now.said)


def _remember(sight: ObservedState, key: str) -> ObservedState:
    if not key:
        return sight
    others = tuple(known for known in sight.said if known != key)
    return replace(sight, said=(*others, key)[-REMEMBERED:])
