"""What an operation does, what it deletes and the way back: the sentences that people decide by.

They are in the present tense: nothing of it has happened.
"""

import re
from collections.abc import Iterator, Mapping

from bot.operations.model import Operation
from bot.slack.cards.blocks.rich import Line, Link, code, one_line, shorten
from bot.slack.cards.blocks.words import first_line, names, plural
from bot.slack.cards.operation.deeds import SWITCHES_WRITES, Deed, kind_in
from bot.slack.cards.operation.view import Parts, View, quoted
from bot.subjects.findings import OTHERS_WAIT, Finding
from bot.workflows.facts.kind import WorkflowKind
from bot.workflows.facts.progress import copy_of
from bot.workflows.facts.schema_changes import named_tables, schema_change

_WAIT = "Writes to these tables wait while it runs, usually for seconds. Some may fail."
_BACK = "↩️ Way back: `/workflow reverse-traffic {place}`"
_TO_SOURCE = "All queries for {tables} go back to {source}: primary, replica and read-only."

_WHAT: Mapping[Deed, tuple[str, ...]] = {
    Deed.REPLICAS: (
        "Replica and read-only queries for {tables} move from {source} to {target}.",
        "Writes, and reads that do not ask for a replica, stay on {source}.",
        "Deletes nothing.",
        _BACK + ", at any time{alone}.",
    ),
    Deed.PRIMARIES: (
        "Writes, and all reads from primaries, move from {source} to {target} for {tables}.{replicas_moved}",
        _WAIT,
        "Deletes nothing. Replication turns round and keeps {source} up to date.",
        _BACK + ", until the cutover{alone}.",
    ),
    Deed.ALL_AT_ONCE: (
        "Primary, replica and read-only queries for {tables} move from {source} to {target}, all at once.",
        _WAIT,
        "Deletes nothing. Replication turns round and keeps {source} up to date.",
        _BACK + ", until the cutover{alone}.",
    ),
    Deed.IMPORT: (
        "Writes and reads are served by {target}; the external database only gets replicated changes.",
        _WAIT,
        "Deletes nothing. Replication turns round and keeps the external database up to date.",
        _BACK + ", until it is completed{alone}.",
        "⚠️ The application must be connected to PlanetScale already. If it still writes to the external "
        "database, the two diverge and data is lost.",
    ),
    Deed.CUTOVER: (
        "⛔ Deletes {the_tables}, with all rows, from {source}. {they} cannot be brought back.",
        "Ends replication between {source} and {target} and removes the routing rules: a query that still "
        "names {source} for these tables fails from then on.",
        "↩️ No way back for the tables. reverse-cutover only restores the routing rules. "
        "What is left of the old tables is backups (last one: {backup}).",
    ),
    Deed.CUTOVER_AGAIN: (
        "Deletes nothing more: the tables left {source}{cut_over}.",
        "Removes the routing rules again: a query that still names {source} for these tables fails from "
        "then on.",
        "↩️ Way back: `/workflow reverse-cutover {place}` restores them{alone}.",
    ),
    Deed.COMPLETE: (
        "Marks the move as finished and frees {branch} for the next workflow.",
        "Deletes nothing: the tables left {source} at the cutover{cut_over_at}.",
        "⛔ Ends the last way back: the routing rules cannot be restored any more (reverse-cutover).",
    ),
    Deed.COMPLETE_IMPORT: (
        "⛔ Stops replication back to the external database, closes the connection and removes its "
        "credentials from PlanetScale. It cannot be opened again.",
        "Deletes no tables: the external database keeps what it has, and gets no change after this.",
        "↩️ No way back. Until now: `/workflow reverse-traffic {place}`",
    ),
    Deed.CANCEL: (
        "⛔ Deletes the copies of {tables} in {target}: {copied}. A new workflow copies from the beginning.",
        "{source} keeps all its data and serves everything, before and after. "
        "The workflow's routing rules are removed.",
        "↩️ No way back.",
    ),
    Deed.REVERSE: (
        _TO_SOURCE,
        _WAIT,
        "Deletes nothing. Replication back carries the writes made on {target}{since_switch}; PlanetScale "
        "waits until it has caught up.",
        "❓ Whether the replication back is healthy is not read by this bot.",
    ),
    Deed.REVERSE_REPLICAS: (
        "Replica and read-only queries for {tables} go back to {source}. Writes were never moved.",
        "Deletes nothing.",
    ),
    Deed.RESTORE: (
        "Queries that still name {source} for {tables} are routed to {target} again.",
        "It does not bring back the tables in {source}: they were deleted{cut_over}. "
        "All data stays in {target}.",
        "Deletes nothing. Buys time to change the application.",
        "Way on: cut over again when the application no longer names {source}.",
    ),
    Deed.RETRY: (
        "PlanetScale decides: if the error allows it, the copy continues where it stopped; otherwise it "
        "starts over from the beginning.",
    ),
    Deed.VERIFY: (
        "Compares every row of {tables} in {source} and {target}. "
        "Takes minutes to hours and reads both sides.",
        "Changes nothing. Streams pause for moments meanwhile: that is normal. "
        "It cannot be stopped from here.",
    ),
    Deed.CREATE: (
        "Copies {tables} from {source} to {target} on {branch}. The copy {begun} load on {source}.",
        "Deletes nothing. Writes and reads stay on {source} until somebody switches traffic.",
        "{ddl}",
        "{branch} can have no other workflow until this one is completed or cancelled.",
        "↩️ Way back: `{cancel}` deletes the copies (a second person approves)",
    ),
}
LONGEST_CHECK = 400
_LOOK_FIRST = "Look first: replication lag in the dashboard. This bot does not read it."
_STATES: Mapping[Deed, tuple[str, ...]] = {
    Deed.CUTOVER: (
        "By approving you state that:",
        "• the application no longer names {source} for these tables "
        "(it uses @primary, @replica or no database name)",
        "• errors and latency have been looked at since the switch",
    ),
    Deed.CUTOVER_AGAIN: (
        "By approving you state that:",
        "• the application no longer names {source} for these tables "
        "(it uses @primary, @replica or no database name)",
    ),
    Deed.COMPLETE_IMPORT: (
        "By approving you state that every application is connected to PlanetScale and works.",
    ),
}
_DDL = {
    "STOP": "A schema change on these tables stops the copy (STOP): hold deploy requests for them.",
    "EXEC": "A schema change on these tables is run on {target} too; the copy stops if that fails (EXEC).",
    "EXEC_IGNORE": "A schema change on these tables is run on {target} too, and failures are ignored "
    "(EXEC_IGNORE): the schemas may differ afterwards.",
    "IGNORE": "A schema change on these tables is ignored (IGNORE): the schemas will differ.",
}
_ABOUT_REQUESTS = frozenset({"outcome", "twin", OTHERS_WAIT})
_CARD = re.compile(r"(.*: )(https?://\S+)", re.DOTALL)
"""Checks about the bot's own requests, and only they, end with the address of a card."""
_SAID_OF_A_RETRY = frozenset({"starts-over", "ddl"})
"""Warnings of the checks that a retry's own sentences say."""
_SAID_BY_THE_CARD = frozenset({"lag", "statement-names", "statement-errors", "replication-back", "rest"})
"""Notes of the checks that stand on the card in its own words."""


def what_happens(view: View, *, private: bool = False) -> list[Line]:
    """What happens, what is deleted, the way back. `private`: only the requester reads it."""
    templates = _WHAT[view.deed]
    if view.deed is Deed.CREATE:
        on_ddl = str(view.operation.arguments.get("on_ddl", "STOP"))
        templates = tuple(_DDL.get(on_ddl, "") if one == "{ddl}" else one for one in templates)
    lines = [Line(view.fill(template)) for template in templates if template]
    return lines + (_retry(view, private=private) if view.deed is Deed.RETRY else [])


def in_doubt(view: View) -> list[Line]:
    """What to look at first, warnings, what is not known, and what people state by approving."""
    lines = [Line((_LOOK_FIRST,))] if view.deed in SWITCHES_WRITES | {Deed.REPLICAS} else []
    lines += [Line(parts) for parts in _doubts(view)]
    return lines + [Line(view.fill(template)) for template in _STATES.get(view.deed, ())]


def checks_passed(view: View) -> Line | None:
    """`✅ 8 checks passed at 02:14 · verified clean 2 h ago`"""
    report = view.operation.report
    if report is None:
        return Line(("❓ Checks: none were made",))
    if not report.passes:
        return None
    matters = "".join(f" · {view.cut_sentence(text)}" for text in report.highlights)
    at: Parts = (" at ", view.at(view.operation.checked_at)) if view.operation.checked_at else ()
    highlights = quoted(matters, view.operation.asked_at)
    return Line((f"✅ {plural(len(report.passes), 'check')} passed", *at, *highlights))


def sentence(operation: Operation, finding: Finding) -> Parts:
    """A check's sentence as this channel may read it."""
    told = finding.without_quotes if operation.hide_errors else finding.sentence
    card = _CARD.fullmatch(told) if finding.code in _ABOUT_REQUESTS else None
    text, link = (card[1], (Link(card[2], "look at it"),)) if card else (told, ())
    return (*quoted(shorten(one_line(text), LONGEST_CHECK), operation.asked_at), *link)


def warnings(view: View) -> Iterator[Parts]:
    """What the checks warn of, the heaviest first; what was forced stands above all else."""
    operation = view.operation
    said = _SAID_OF_A_RETRY if view.deed is Deed.RETRY else ()
    told = [one for one in operation.warnings if one.code not in said and one not in view.forced_over]
    for finding in sorted(told, key=lambda one: -one.level):
        yield ("⚠️ ", *sentence(operation, finding))


def overridden(view: View) -> list[Line]:
    """What it is forced over, before anything else is read."""
    said = [part for finding in view.forced_over for part in (" ", *sentence(view.operation, finding))]
    return [Line(("⛔ Forced over:", *said))] if said else []


def _doubts(view: View) -> Iterator[Parts]:
    operation = view.operation
    yield from warnings(view)
    for finding in operation.report.notes if operation.report else ():
        certain = finding.code == "import" and kind_in(view.story) is WorkflowKind.IMPORT
        if finding.code not in _SAID_BY_THE_CARD and not certain:
            yield ("❓ ", *sentence(operation, finding))


def _retry(view: View, *, private: bool) -> list[Line]:
    lines: list[Parts] = []
    copy = copy_of(view.seen) if view.seen else None
    if copy is None or copy.copied is None or copy.copied > 0:
        rows = "an unknown number of rows" if view.rows == "not reported" else f"about {view.rows}"
        took = f" ({view.copying} of copying)" if view.copying else ""
        lines.append((f"Starting over repeats {rows}{took} and its load on {view.source}.",))
    lines.append((view.retry_keeps,))
    said = first_line((view.seen.workflow_errors if view.seen else None) or "")
    if said and view.operation.hide_errors and not private:
        lines.append(("It stopped with an error; the policy keeps its words out of channels.",))
    elif said:
        lines.append(("It stopped with: ", code(said.replace("`", "'"))))
    if view.seen and schema_change(view.seen):
        tables = names([view.cut(name) for name in named_tables(view.seen)]) or "the moved tables"
        compare = f"Compare the schema of {tables} in {view.source} and {view.target} first: "
        lines.append((f"{compare}a retry goes on after the change.",))
    return [Line(parts) for parts in lines]
