"""What is checked before a workflow is created. PlanetScale checks the rest."""

from collections.abc import Iterable, Iterator
from difflib import get_close_matches

from bot.planetscale.models import Branch, Keyspace, Workflow
from bot.subjects.findings import Finding, block, note, passed, warn
from bot.workflows.checks import vschema
from bot.workflows.checks.check_words import names, quote
from bot.workflows.checks.common import UNREAD
from bot.workflows.checks.facts import CreateFacts, OpenRequest
from bot.workflows.checks.open_requests import twins, unsettled
from bot.workflows.facts.sequences import is_sequence
from bot.workflows.facts.states import AFTER_CUTOVER, State, is_active, state_of

MOST_COMPARED = 2000
"""Looking for the word that was meant takes time; beyond this many names nothing is suggested."""
MOST_MISSING = 5
LONGEST_NAME = 64

_IN_WORDS = {
    State.CUTOVER: "cut over, not completed",
    State.REVERSED_CUTOVER: "cut over, not completed",
    State.SWITCHED_REPLICAS: "replica reads switched",
    State.SWITCHED_PRIMARIES: "primaries switched",
    State.ERROR: "in error",
}


def check_create(facts: CreateFacts) -> Iterator[Finding]:
    """Every check of a `create`, as far as what was read allows."""
    if facts.workflows is None or facts.branches is None:
        yield block("read", UNREAD)
        return
    place = f"on {facts.new.branch_name}"
    yield from unsettled(_same_branch(facts), place)
    yield from twins(facts.others, facts.new)
    yield from _one_at_a_time(facts, facts.workflows)
    yield from _unused_name(facts, facts.workflows)
    branch = next((b for b in facts.branches if b.name == facts.new.branch_name), None)
    if branch is None:
        known = (b.name for b in facts.branches)
        yield block("no-branch", _missing("branch", facts.new.branch_name, facts.database, known))
        return
    yield passed("no-branch", f"There is a branch {branch.name}")
    yield from _safe_migrations(branch)
    if facts.keyspaces is None:
        yield block("read", UNREAD)
        return
    yield from _keyspaces(facts, {keyspace.name: keyspace for keyspace in facts.keyspaces})
    yield from _tables(facts)
    yield note("rest", "PlanetScale checks the rest when it creates it.")


def _same_branch(facts: CreateFacts) -> tuple[OpenRequest, ...]:
    branch = facts.new.branch_name
    return tuple(other for other in facts.others if getattr(other.call, "branch_name", None) == branch)


def _one_at_a_time(facts: CreateFacts, workflows: Iterable[Workflow]) -> Iterator[Finding]:
    branch = facts.new.branch_name
    busy = [w for w in workflows if w.branch and w.branch.name == branch and is_active(w.state)]
    for workflow in busy[:1]:
        state = state_of(workflow.state)
        words = _IN_WORDS.get(state, state.replace("_", " ")) if state else quote(workflow.state)
        first = "complete" if state in AFTER_CUTOVER else "complete or cancel"
        has = f"{branch} has workflow #{workflow.number} already ({words})"
        yield block("busy", f"{has}. One at a time: {first} it first.")
    if not busy:
        yield passed("busy", f"{branch} has no other active workflow")


def _unused_name(facts: CreateFacts, workflows: Iterable[Workflow]) -> Iterator[Finding]:
    if any(workflow.name == facts.new.name for workflow in workflows):
        told = "after a time-out the two could not be told apart"
        yield warn("name-used", f"A workflow named {quote(facts.new.name)} exists already; {told}.")
    else:
        yield passed("name-used", "No other workflow has this name")


def _safe_migrations(branch: Branch) -> Iterator[Finding]:
    if branch.safe_migrations is False:
        yield block("safe-migrations", f"Safe migrations are off on {branch.name}; workflows need them.")
    elif branch.safe_migrations:
        yield passed("safe-migrations", f"{branch.name} has safe migrations")


def _keyspaces(facts: CreateFacts, known: dict[str, Keyspace]) -> Iterator[Finding]:
    new = facts.new
    wanted = dict.fromkeys(filter(None, (new.source_keyspace, new.target_keyspace, new.global_keyspace)))
    missing = [name for name in wanted if name not in known]
    for name in missing:
        yield block("no-keyspace", _missing("keyspace", name, new.branch_name, known), name)
    if not missing:
        yield passed("no-keyspace", f"There are keyspaces {names(tuple(wanted))}")
    if new.source_keyspace == new.target_keyspace:
        yield block("same-keyspace", "Source and target are the same keyspace.")
    else:
        yield passed("same-keyspace", "Source and target are two keyspaces")
    unready = [n for n in wanted if n in known and (known[n].ready is False or known[n].resizing)]
    for name in unready:
        yield block("not-ready", f"{name} is not ready.", name)
    if not unready:
        yield passed("not-ready", "No keyspace is being changed")
    if new.global_keyspace and not missing:
        yield from _global_keyspace(
            known[new.source_keyspace], known[new.target_keyspace], known[new.global_keyspace]
        )


def _global_keyspace(left: Keyspace, right: Keyspace, shared: Keyspace) -> Iterator[Finding]:
    if shared.sharded or shared.name == right.name:
        yield block("global-keyspace", "The global keyspace must be unsharded and not the target.")
    elif left.sharded or right.sharded is False:
        only = "only for moves from an unsharded to a sharded keyspace"
        yield block("global-keyspace", f"The global keyspace is {only}.")
    else:
        yield passed("global-keyspace", f"{shared.name} can be the global keyspace")


def _tables(facts: CreateFacts) -> Iterator[Finding]:
    new = facts.new
    if facts.source_tables is None:
        yield note("no-table", f"The tables of {new.source_keyspace} could not be read.")
    else:
        known = {table.name for table in facts.source_tables}
        missing = [name for name in new.tables if name not in known]
        for name in missing[:MOST_MISSING]:
            likely = (one for one in known if not is_sequence(one))
            once = name == missing[0]
            yield block("no-table", _missing("table", name, new.source_keyspace, likely, tell_all=once))
        if not missing:
            yield passed("no-table", f"{new.source_keyspace} has {names(new.tables)}")
    sharded = any(k.sharded for k in facts.keyspaces or () if k.name == new.target_keyspace)
    if sharded:
        yield from _vindexes(facts)


def _vindexes(facts: CreateFacts) -> Iterator[Finding]:
    where = f"{facts.new.target_keyspace}'s VSchema"
    found = vschema.parse(facts.target_vschema)
    if found is None:
        yield note("vindex", f"{where} could not be read.")
        return
    without = [table for table in facts.new.tables if not vschema.has_vindex(found, table)]
    if without:
        yield warn("vindex", f"{where} has no vindex for {names(without)}.")
    else:
        yield passed("vindex", f"{where} has a vindex for every table")


def _missing(what: str, name: str, place: str, known: Iterable[str], *, tell_all: bool = True) -> str:
    """What is not there, and the nearest that is; `tell_all`: else the names that there are."""
    there_is = f"There is no {what} {quote(name)} in {place}."
    there_are = sorted(known)
    candidates = [k for k in there_are if len(k) <= LONGEST_NAME]
    comparable = len(name) <= LONGEST_NAME and len(candidates) <= MOST_COMPARED
    if not comparable or not there_are:
        return there_is
    near = get_close_matches(name, candidates, n=1)
    if near:
        return f"{there_is} Did you mean {quote(near[0])}?"
    return f"{there_is} It has {names([quote(k) for k in there_are])}." if tell_all else there_is
