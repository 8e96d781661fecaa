"""The private answers to `watch`, `unwatch` and the menu of a live message. Each names the next step."""

from datetime import datetime

from bot.planetscale.models import Stream, StreamLog, Workflow
from bot.slack.cards.blocks.bars import table_bar
from bot.slack.cards.blocks.rich import At, Card, Channel, Link, Message, Part, bold, code, one_line, shorten
from bot.slack.cards.blocks.templates import Parts
from bot.slack.cards.blocks.words import columns, cut, first_line, padded, plural
from bot.slack.cards.workflow.headline import headline
from bot.subjects.model import Ref
from bot.watch.model import Watch
from bot.workflows.facts.progress import copy_of
from bot.workflows.own import observed_of, ref_of

MOST_CHARACTERS = 2_800
NAME_WIDTH = 40
LOGS_SHOWN = 3
"""Messages of one stream."""


def watching_now(watch: Watch, workflow: Workflow) -> Message:
    """It is watched from now on; its live message is on its way."""
    return _answer(
        (f"Watching {watch.ref} {one_line(workflow.name)} from now on, in ", *_channel(watch), "."),
        ("You are mentioned when somebody must act. To stop: ", _command("unwatch", watch.ref)),
    )


def already_watched(watch: Watch, link: str | None, *, would_move: bool) -> Message:
    """It is watched once only, wherever that is. `would_move`: here it would be told elsewhere."""
    where: Parts = (" · ", Link(link)) if link else (".",)
    here: Parts = (f"{watch.ref} is watched already, in ", *_channel(watch), *where)
    again = _command("watch", watch.ref)
    if would_move:
        return _answer(here, ("To move it here: ", _command("unwatch", watch.ref), ", then ", again))
    mentioned = "To be mentioned when somebody must act: “Mention me instead” in its menu. Look now: "
    return _answer(here, (mentioned, _command("show", watch.ref)))


def shown_nowhere(watch: Watch) -> Message:
    """Slack takes its live message nowhere: what is said to whoever is called for it."""
    again = _command("watch", watch.ref)
    return _answer(
        ("Slack takes no message from me in ", *_channel(watch), f", so nobody sees {watch.ref} there."),
        ("What needs somebody to act I tell you here. Invite me there, then: ", again),
    )


def no_channel(ref: Ref, *, in_doubt: bool = False) -> Message:
    """Nowhere that it could be told. `in_doubt`: Slack cannot say who would read it."""
    again = _command("watch", ref)
    if in_doubt:
        said = "Slack could not say who reads this channel, so nothing is watched here."
        return _answer((said,), ("Again in a minute: ", again))
    said = f"There is no channel for {ref}: a live message is for everybody, so it is not kept here."
    return _answer((said,), ("Type it in a channel where I am a member: ", again))


def has_ended(ref: Ref, workflow: Workflow) -> Message:
    """Nothing happens to it any more."""
    said = f"{ref} has ended ({cut(workflow.state, NAME_WIDTH)}): there is nothing to watch."
    return _answer((said,), ("Look at it: ", _command("show", ref)))


def unwatched(watch: Watch) -> Message:
    """It is not told any more; nothing else changed."""
    said = f"{watch.ref} is not watched any more. The workflow itself goes on as it was."
    return _answer((said,), ("Again: ", _command("watch", watch.ref)))


def not_watched(ref: Ref) -> Message:
    """There is nothing to stop."""
    return _answer((f"{ref} is not watched. To watch it: ", _command("watch", ref)))


def mentioned(watch: Watch) -> Message:
    """Whoever pressed is called from now on."""
    said = f"From now on you, and nobody else, are mentioned when somebody must act on {watch.ref}."
    look = _command("show", watch.ref)
    return _answer((said,), ("Anybody can take over from you in the same menu. Look now: ", look))


def brought_to_the_bottom(watch: Watch) -> Message:
    """It comes anew below; the old message becomes a link."""
    said = f"The live message of {watch.ref} is posted anew at the bottom; the old one links to it."
    return _answer((said,), ("For yourself only: ", _command("show", watch.ref)))


def all_tables(watch: Watch, now: datetime) -> Message:
    """Every table with its share, as many as a private answer holds."""
    observed = observed_of(watch.observed)
    copy = copy_of(observed.workflow) if observed else None
    if observed is None or copy is None:
        return _nothing(watch, "PlanetScale did not report the tables")
    tables = plural(len(copy.tables), "table")
    state = headline(observed.workflow, now)
    card = Card()
    card.line(bold(f"{tables} of {watch.ref}"), f" · {shorten(state, 100)} · read ", At(observed.read_at))
    width = min(NAME_WIDTH, max(columns(one_line(table.name)) for table in copy.tables))
    lines = [
        _complete(table.name, width) if copy.finished else table_bar(table, width) for table in copy.tables
    ]
    _bounded(card, lines, "table")
    card.line("More: ", _command("show", watch.ref))
    return card.message()


def _complete(name: str, width: int) -> str:
    return f"{padded(cut(one_line(name), width), width)}  100 %"


def stream_messages(watch: Watch, now: datetime) -> Message:
    """What each stream said last, for one person only."""
    observed = observed_of(watch.observed)
    streams = observed.workflow.streams if observed else None
    if observed is None or not streams:
        return _nothing(watch, "PlanetScale did not report the streams")
    card = Card()
    read = At(observed.detail_at)
    card.line(bold(f"{plural(len(streams), 'stream')} of {watch.ref}"), " · read ", read)
    _bounded(card, [line for stream in streams for line in _of_stream(stream, now)], "line")
    card.line("More: ", _command("show", watch.ref))
    return card.message()


def _of_stream(stream: Stream, now: datetime) -> list[str]:
    """Its state and its last messages, the newest first."""
    state = first_line(stream.state or "", NAME_WIDTH) or "state not reported"
    said = first_line(stream.info or "", 200)
    lines = [f"{cut(one_line(stream.target_shard or '-'), NAME_WIDTH)}  {state}{'  ' if said else ''}{said}"]
    logs = sorted(
        stream.logs or (), key=lambda log: log.created_at or datetime.min.replace(tzinfo=now.tzinfo)
    )
    return lines + [_log(log) for log in reversed(logs[-LOGS_SHOWN:])]


def _log(log: StreamLog) -> str:
    at = At(log.created_at).fallback if log.created_at else "no time"
    return f"  {at}  {first_line(log.message or '', 200) or 'no words'}"


def _bounded(card: Card, lines: list[str], noun: str) -> None:
    """As many lines as fit, and how many do not."""
    shown: list[str] = []
    length = 0
    for line in lines:
        length += len(line) + 1
        if length > MOST_CHARACTERS:
            break
        shown.append(line)
    if shown:
        card.monospaced(shown)
    if len(shown) < len(lines):
        card.line(f"and {plural(len(lines) - len(shown), f'more {noun}')}")


def _nothing(watch: Watch, why: str) -> Message:
    return _answer((f"{why} of {watch.ref}. More: ", _command("show", watch.ref)))


def _answer(*lines: Parts) -> Message:
    card = Card()
    for parts in lines:
        card.line(*parts)
    return card.message()


def _command(name: str, ref: Ref) -> Part:
    return code(f"/workflow {name} {ref.database} {ref_of(ref).number}")


def _channel(watch: Watch) -> Parts:
    return (Channel(watch.places[0]),) if watch.places else ("no channel",)
