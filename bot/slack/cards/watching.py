"""The private answers to `watch`, `unwatch` and the menu of a live message. Each names the next step."""

from datetime import datetime

from bot.planetscale.models import Stream, StreamLog, Workflow
from bot.planetscale.refs import WorkflowRef
from bot.slack.cards.bars import table_bar
from bot.slack.cards.headline import headline
from bot.slack.cards.rich import At, Card, Channel, Link, Message, Part, bold, code, one_line, shorten
from bot.slack.cards.words import columns, cut, first_line, padded, plural
from bot.watch.model import Watch
from bot.workflows.progress import copy_of

MOST_CHARACTERS = 2_800
NAME_WIDTH = 40
LOGS_SHOWN = 3
"""Messages of one stream."""


def watching_now(watch: Watch, workflow: Workflow) -> Message:
    """It is watched from now on; its live message is on its way."""
    card = Card()
    card.line(f"Watching {watch.ref} {one_line(workflow.name)} from now on, in ", *_channel(watch), ".")
    card.line("You are mentioned when somebody must act. To stop: ", _command("unwatch", watch.ref))
    return card.message()


def already_watched(watch: Watch, link: str | None, *, would_move: bool) -> Message:
    """It is watched once only, wherever that is. `would_move`: here it would be told elsewhere."""
    card = Card()
    where: tuple[Part, ...] = (": ", Link(link, "look at it")) if link else (".",)
    card.line(f"{watch.ref} is watched already, in ", *_channel(watch), *where)
    if would_move:
        again = _command("watch", watch.ref)
        card.line("To move it here: ", _command("unwatch", watch.ref), ", then ", again)
    else:
        mentioned = "To be mentioned when somebody must act: “Mention me instead” in its menu. Look now: "
        card.line(mentioned, _command("show", watch.ref))
    return card.message()


def shown_nowhere(watch: Watch) -> Message:
    """Slack takes its live message nowhere: what is said to whoever is called for it."""
    card = Card()
    card.line("Slack takes no message from me in ", *_channel(watch), f", so nobody sees {watch.ref} there.")
    again = _command("watch", watch.ref)
    card.line("What needs somebody to act I tell you here. Invite me there, then: ", again)
    return card.message()


def no_channel(ref: WorkflowRef, *, in_doubt: bool = False) -> Message:
    """Nowhere that it could be told. `in_doubt`: Slack cannot say who would read it."""
    card = Card()
    if in_doubt:
        card.line("Slack could not say who reads this channel, so nothing is watched here.")
        card.line("Again in a minute: ", _command("watch", ref))
        return card.message()
    card.line(f"There is no channel for {ref}: a live message is for everybody, so it is not kept here.")
    card.line("Type it in a channel where I am a member: ", _command("watch", ref))
    return card.message()


def has_ended(ref: WorkflowRef, workflow: Workflow) -> Message:
    """Nothing happens to it any more."""
    card = Card()
    card.line(f"{ref} has ended ({cut(workflow.state, NAME_WIDTH)}): there is nothing to watch.")
    card.line("Look at it: ", _command("show", ref))
    return card.message()


def unwatched(watch: Watch) -> Message:
    """It is not told any more; nothing else changed."""
    card = Card()
    card.line(f"{watch.ref} is not watched any more. The workflow itself goes on as it was.")
    card.line("Again: ", _command("watch", watch.ref))
    return card.message()


def not_watched(ref: WorkflowRef) -> Message:
    """There is nothing to stop."""
    card = Card()
    card.line(f"{ref} is not watched. To watch it: ", _command("watch", ref))
    return card.message()


def mentioned(watch: Watch) -> Message:
    """Whoever pressed is called from now on."""
    card = Card()
    card.line(f"From now on you, and nobody else, are mentioned when somebody must act on {watch.ref}.")
    card.line("Anybody can take over from you in the same menu. Look now: ", _command("show", watch.ref))
    return card.message()


def brought_to_the_bottom(watch: Watch) -> Message:
    """It comes anew below; the old message becomes a link."""
    card = Card()
    card.line(f"The live message of {watch.ref} is posted anew at the bottom; the old one links to it.")
    card.line("For yourself only: ", _command("show", watch.ref))
    return card.message()


def all_tables(watch: Watch, now: datetime) -> Message:
    """Every table with its share, as many as a private answer holds."""
    copy = copy_of(watch.sight.workflow) if watch.sight else None
    if watch.sight is None or copy is None:
        return _nothing(watch, "PlanetScale did not report the tables")
    tables = plural(len(copy.tables), "table")
    state = headline(watch.sight.workflow, now)
    card = Card()
    card.line(bold(f"{tables} of {watch.ref}"), f" · {shorten(state, 100)} · read ", At(watch.sight.read_at))
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
    streams = watch.sight.workflow.streams if watch.sight else None
    if watch.sight is None or not streams:
        return _nothing(watch, "PlanetScale did not report the streams")
    card = Card()
    read = At(watch.sight.detail_at)
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
    at = f"{log.created_at:%d %b %H:%M} UTC" if log.created_at else "no time"
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
    card = Card()
    card.line(f"{why} of {watch.ref}. More: ", _command("show", watch.ref))
    return card.message()


def _command(name: str, ref: WorkflowRef) -> Part:
    return code(f"/workflow {name} {ref.database} {ref.number}")


def _channel(watch: Watch) -> tuple[Part, ...]:
    return (Channel(watch.places[0]),) if watch.places else ("no channel",)
