"""The live message once all rows are copied and nothing is switched: what is known about the data."""

from bot.slack.cards.blocks.bars import NAME_WIDTH
from bot.slack.cards.blocks.rich import Line, Monospaced, code
from bot.slack.cards.blocks.templates import Parts
from bot.slack.cards.blocks.words import duration, plural, remaining
from bot.slack.cards.watch.live_told import StageText, told
from bot.slack.cards.watch.live_view import LiveView
from bot.slack.cards.workflow.differing import differences
from bot.slack.cards.workflow.headline import STALE
from bot.workflows.facts.progress import copy_time
from bot.workflows.facts.states import State
from bot.workflows.facts.verification import DataVerdict, Difference
from bot.workflows.guidance import guidance
from bot.workflows.observing.verifying import stands_since

_EQUAL_ROWS = 5
"""No more lines than this for tables, those that are equal included."""


def copied(view: LiveView) -> StageText:
    """Copied, and never verified."""
    took = copy_time(view.workflow)
    return told(
        view,
        "Copied, not verified",
        "{target} follows {source} by replication. Nothing compares the data until you verify it.",
        tail=f" · copied in {duration(took)}" if took else "",
    )


def verifying(view: LiveView) -> StageText:
    """A verification runs: how far it is, and whether it still gets on."""
    found = view.verification
    since = found.at if found.verdict is DataVerdict.RUNNING else view.observed.verifying_since
    began: Parts = (" since ", view.at(since)) if since else ()
    stands = stands_since(view.observed)
    body = (
        (Line(("It has not got on since ", view.at(stands), ". Look at it in the dashboard.")),)
        if stands
        else ()
    )
    if found.percent is None:
        return StageText(("Verifying", *began), body)
    left = f", about {remaining(found.seconds_left)} left" if found.seconds_left and not stands else ""
    tail: Parts = (" · since ", view.at(since)) if since else ()
    return StageText((f"Verifying · about {found.percent} %{left}",), body, tail)


def clean(view: LiveView) -> StageText:
    """Verified clean, and fresh; for an import also what it needs before traffic is switched."""
    found = view.verification
    until: Parts = (" Counts as fresh until ", view.at(found.fresh_until), ".") if found.fresh_until else ()
    result = "no row differs, none missing, none extra."
    body = [Line((f"{_scope(view)}{result}", *until)), *connected(view)]
    return StageText(("Verified clean ", view.at(found.at)), tuple(body))


def connected(view: LiveView) -> list[Line]:
    """What has to be so before traffic of an import is switched; of what may be one, that it is not known."""
    advice = guidance(view.named, view.workflow, view.now, view.kind)
    return [Line((sentence,)) for sentence in advice.first]


def _scope(view: LiveView) -> str:
    tables = len(view.table_list)
    return f"{plural(tables, 'table')}, all shards: " if tables else "All shards: "


def stale(view: LiveView) -> StageText:
    """Verified clean, but too long ago to count."""
    return StageText(
        (STALE,),
        (Line(("PlanetScale counts a verification as stale after 24 h. Verify again before switching.",)),),
        (" · verified ", view.at(view.verification.at)),
    )


def differs(view: LiveView) -> StageText:
    """The last verification found rows that differ: which tables, how many."""
    found = view.verification
    head = f"Data differs: {plural(found.rows, 'row')}" if found.rows else "Data differs"
    most, widest = min(_EQUAL_ROWS, view.room.rows), min(view.room.name, NAME_WIDTH)
    equal = _equal(view)[: max(0, most - len(found.differences))]
    shown = differences((*found.differences, *equal), view.source, view.target, most, widest)
    advice = (
        "Do not switch. Look at the rows in the dashboard, then verify again; "
        "rows changed during the comparison can show up once."
    )
    body = (*((Monospaced(tuple(shown)),) if shown else ()), Line((advice,)))
    return StageText((head,), body, (" · verified ", view.at(found.at)))


def _equal(view: LiveView) -> list[Difference]:
    """Tables that were compared and of which no row differs on any shard."""
    reports = view.workflow.vdiff.table_reports if view.workflow.vdiff else None
    compared = dict.fromkeys(one.table_name for one in reports or () if one.table_name)
    unequal = {one.table for one in view.verification.differences}
    return [Difference(name, "all", 0, 0, 0) for name in compared if name not in unequal]


def broke_off(view: LiveView) -> StageText:
    """The last verification ended without a result."""
    found = view.verification
    ended: Parts = (" (", code(view.cut(found.ended_as)), ")") if found.ended_as else ()
    at: Parts = (" ", view.at(found.at)) if found.at else ()
    return StageText(("Verification broke off", *at, *ended), (Line(("Nothing is known about the data.",)),))


def outdated(view: LiveView) -> StageText:
    """Clean, but of what was there before."""
    found = view.verification
    what = "it was retried" if found.overtaken_by == "retry" else "traffic was reversed"
    since: Parts = ("Clean ", view.at(found.at), f", but {what} ", view.at(found.overtaken_at))
    again = ". Verify again before switching."
    return StageText((f"Verified before {found.overtaken}",), (Line((*since, again)),))


def no_report(view: LiveView) -> StageText:
    """PlanetScale says that it was verified, and gave no report."""
    says = "PlanetScale says verified; it" if view.state is State.VERIFIED_DATA else "PlanetScale"
    return told(view, "Verification ended, no report", f"{says} gave no report. Look at the dashboard.")


def freshness(view: LiveView) -> Parts:
    """`verified clean, fresh until tomorrow 00:12`: what is known of the data."""
    found = view.verification
    match found.verdict:
        case DataVerdict.CLEAN:
            return ("verified clean, fresh until ", view.at(found.fresh_until))
        case DataVerdict.STALE:
            return ("verified clean, but stale: ", view.at(found.at))
        case DataVerdict.DIFFERS:
            return (f"the data differs ({plural(found.rows, 'row')}): do not switch",)
        case DataVerdict.NEVER:
            return ("the data was never verified",)
        case DataVerdict.RUNNING:
            return ("a verification is running",)
        case DataVerdict.OUTDATED:
            return (f"verified before {found.overtaken}",)
        case DataVerdict.BROKE_OFF | DataVerdict.NO_REPORT:
            return ("the verification gave no result",)
