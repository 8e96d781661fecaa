"""The words of news, as templates that are filled from `NewsView`: at most three lines each."""

from collections.abc import Mapping
from typing import Final

from bot.workflows.observing.happenings import Happening

_WITHOUT_THE_RULE = "outside this bot{who}, without the two-person rule: {it}."

TOLD: Final[Mapping[Happening, tuple[str, ...]]] = {
    Happening.COPIED: ("{copied}: {it}. {next}", "{serves}"),
    Happening.CLEAN: ("Clean: {it}, {tables_compared}no row differs. {next}", "{serves}", "{connect}"),
    Happening.DIFFERS: (
        "{rows} in {it}{where}. Do not switch.",
        "Look at the rows in the dashboard{then_verify}.",
        "{serves}",
    ),
    Happening.VERIFICATION_BROKE_OFF: (
        "Verification of {it} broke off{ended_as}",
        "Nothing is known about the data. {writes}.",
    ),
    Happening.NO_REPORT: (
        "Verification of {it} ended: PlanetScale says verified; it gave no report.",
        "Look at the dashboard. {writes}.",
    ),
    Happening.VERIFICATION_STANDS: (
        "The verification of {it} has not got on since {begun}. {writes}.",
        "Nothing is known about the data. Look at it in the dashboard.",
        "{taken_meanwhile}",
    ),
    Happening.STALE_SOON: (
        "The verification of {it} counts as stale from {fresh_until} on.",
        "{writes}. {next}",
    ),
    Happening.STALE: (
        "The verification of {it} has counted as stale since {at}.",
        "{verify_first}{writes}.",
    ),
    Happening.MOVING_LONG: (
        "{still} since {begun}: {it}. {waiting}",
        "Look at the application now. {cancel} If it goes on: PlanetScale support.",
        "{writes}",
    ),
    Happening.STOPPED: ("Stopped: {it}{was}. {behind} {writes}.", "{said}", "{advice}"),
    Happening.ERROR: ("Error: {it}{was}. {writes}.", "{said}", "{advice}"),
    Happening.STREAM_ERROR: (
        "{stream} of {it} reports an error. {writes}.",
        "{said}",
        "Next: `/workflow show {place}`",
    ),
    Happening.THROTTLED: (
        "Throttled since {begun}{on}: {it}. It goes on by itself.",
        "{writes}",
    ),
    Happening.THROTTLED_LONG: (
        "Throttled since {begun}{on}: {it}{share}. It goes on by itself.",
        "Held back to protect the database. No estimate meanwhile. {writes}.",
    ),
    Happening.SLOWER: (
        "The estimate for {it} has doubled{expected}.",
        "It was first expected to be copied by {first_expected}. {writes}.",
    ),
    Happening.STANDING: (
        "No progress since {begun}: {it}{share}. {writes}.",
        "Not throttled, no error reported, no table is at the index step.",
        "Look at: stream messages (menu of the live message), load on {source}.",
    ),
    Happening.INDEXING_LONG: (
        "Probably building indexes since {begun}{on}: {it}.",
        "Rows stand still meanwhile; cancelling may wait for it. {writes}.",
    ),
    Happening.CANCELLING_LONG: (
        "Still cancelling since {begun}: {it}.",
        "Building indexes on a large table can hold this up for hours. {writes}.",
    ),
    Happening.GOING_ON: ("Going on since {at} ({was_so}): {it}.", "{writes}"),
    Happening.NOT_COMPLETED: (
        "{branch} can have no other workflow until {it} is completed. {writes}.",
        "Next: `/workflow complete {place}`",
    ),
    Happening.GONE: (
        "PlanetScale does not know {it} any more. It is not watched any more.",
        "{writes}, as it was last read. Now: `/workflow list {database}`",
    ),
}
"""What happens by itself, and how a verification ended."""

OUTSIDE: Final[Mapping[Happening, tuple[str, ...]]] = {
    Happening.CLEAN: (
        "Clean: {it}, {tables_compared}no row differs. Verified outside this bot{who}. {next}",
        "{serves}",
        "{connect}",
    ),
    Happening.SWITCH_BROKE_OFF: (
        "Did not happen: outside this bot a switch of {it} was tried and went back. Check the application.",
        "{serves}, as PlanetScale reports it",
    ),
    Happening.REPLICAS_SWITCHED: (
        f"⚠️ Replica reads switched {_WITHOUT_THE_RULE}",
        "{serves}",
        "↩️ {reverse}",
    ),
    Happening.PRIMARIES_SWITCHED: (
        f"⚠️ Primaries switched {_WITHOUT_THE_RULE}",
        "{serves}",
        "↩️ {reverse}",
    ),
    Happening.CUT_OVER: (
        f"⚠️ Cut over {_WITHOUT_THE_RULE}",
        "Deleted from {source}: {named_tables}. {writes}.",
        "↩️ {restore}",
    ),
    Happening.COMPLETED: (
        f"⚠️ Completed {_WITHOUT_THE_RULE}",
        "{tables} {lives} in {target}. {writes}.",
        "↩️ No way back.",
    ),
    Happening.CANCELLED: (
        f"⚠️ Cancelled {_WITHOUT_THE_RULE}",
        "The copies in {target} are deleted. {writes}.",
        "↩️ No way back: a new workflow copies from the beginning.",
    ),
    Happening.REVERSED: (
        "Traffic of {it} was reversed outside this bot{who}.",
        "{serves}",
        "Next: find the cause, then verify again: `/workflow verify-data {place}`",
    ),
    Happening.RULES_RESTORED: (
        "The routing rules of {it} were restored outside this bot{who}. {writes}.",
        "The tables in {source} stay deleted.{cut_over_again}",
    ),
    Happening.RETRIED: (
        "{it} was retried outside this bot{who}.",
        "PlanetScale continues or starts over; the live message shows it. {writes}.",
    ),
    Happening.CANCELLING_WITH_TRAFFIC: (
        "⚠️ Being cancelled outside this bot{who}: traffic {moves_back} first. {it}.",
        "Then the copies in {target} are deleted. Look at the application now. {writes}.",
    ),
}
"""Somebody did it without the bot; what is not here reads as in `TOLD`."""

CAUSED: Final[Mapping[Happening, str]] = {
    Happening.REPLICAS_SWITCHED: "Replica reads switched",
    Happening.PRIMARIES_SWITCHED: "Primaries switched",
    Happening.REVERSED: "Traffic reversed",
    Happening.CUT_OVER: "Cut over",
    Happening.RULES_RESTORED: "Routing rules restored",
    Happening.COMPLETED: "Completed",
    Happening.CANCELLED: "Cancelled",
    Happening.CANCELLING_WITH_TRAFFIC: "Being cancelled (traffic {moves_back} first)",
}
"""An operation of the bot did it, and its card tells the rest: before the time and who it was."""
