"""`create`: copy tables to another keyspace."""

from bot.commands.model import ActionName
from bot.planetscale.models import Workflow
from bot.workflows.actions.model import Action, Preflight, Touches, Traces, warns
from bot.workflows.actions.words import (
    AGAIN,
    After,
    Before,
    DialogWords,
    Otherwise,
    Question,
    in_error,
    usually_seconds,
    went_back,
)
from bot.workflows.checks.facts import Facts, Need


def _allowed(*_: Facts | Workflow) -> str | None:
    """There is no state yet that could be in the way."""


ON_DDL = {
    "STOP": "A schema change on these tables stops the copy (STOP): hold deploy requests for them.",
    "EXEC": "A schema change on these tables is run on {target} too; the copy stops if that fails (EXEC).",
    "EXEC_IGNORE": "A schema change on these tables is run on {target} too, and failures are ignored "
    "(EXEC_IGNORE): the schemas may differ afterwards.",
    "IGNORE": "A schema change on these tables is ignored (IGNORE): the schemas will differ.",
}
"""What `{ddl}` says, by what was chosen."""

CREATE = Action(
    name=ActionName.CREATE,
    flags=(),
    call=None,
    title="Create",
    to_do="create it",
    variant=None,
    touches=Touches.NOTHING,
    switches=False,
    goes_back=False,
    deletes=None,
    after_deletion=False,
    only_starts=True,
    starts_verification=False,
    ends_verification=False,
    flags_hold=False,
    is_heavy=False,
    heard_by_all=False,
    alone=None,
    moves_in=(),
    leads_to=frozenset(),
    causes=frozenset(),
    told_as=None,
    is_done=lambda _: True,
    # its checks are about what is not there yet, so they are functions of other facts: `creation_checks.py`
    preflight=Preflight(
        allowed=_allowed,
        checks=(),
        needs=frozenset({Need.LISTING, Need.BRANCHES, Need.KEYSPACES, Need.SCHEMA, Need.VSCHEMA}),
        in_doubt=warns,
    ),
    traces=Traces(by="actor", at="created_at"),
    before=Before(
        briefly="create {name} in {db}",
        asks="to create {name} in {ref}. {need} Deletes nothing.",
        decides=(
            "Copies {tables} from {source} to {target} on {branch}. The copy {begun} load on {source}. "
            "Deletes nothing; writes and reads stay on {source}.",
            "{ddl} {branch} can have no other workflow until this one has ended.",
            "↩️ Way back: `{cancel}` deletes the copies (a second person approves)",
        ),
        happens=(
            "Copies {tables} from {source} to {target} on {branch}. The copy {begun} load on {source}.",
            "Deletes nothing. Writes and reads stay on {source} until somebody switches traffic.",
            "{ddl}",
            "{branch} can have no other workflow until this one is completed or cancelled.",
            "↩️ Way back: `{cancel}` deletes the copies (a second person approves)",
        ),
        look_first=(),
        states=(),
        dialog=DialogWords(
            title="Create {name} in {db}?",
            text="{n_tables} {are} copied from {source} to {target} ({where}) {moment}, which puts load on "
            "{source}. Deletes nothing.",
            yes="Approve and create",
        ),
        question=Question(text="Create {name} in {ref}?", yes="Create"),
    ),
    meanwhile=usually_seconds("creating it", None),
    after=After(
        fact="{ref} {name} was created",
        stage="Created · {ref} {name}",
        found="Found: PlanetScale had created it · {ref} {name}",
        found_told="Found: PlanetScale had created {ref} {name}. {writes_now}.",
        repeats=True,
        card=("Next: nothing. You are told when the copy is complete.",),
        notice="Created: {ref} {name} copies {listed} to {target}. Writes and reads stay on {source}.",
        next=(),
    ),
    otherwise=Otherwise(
        unknown=("Looking for a workflow named {name} on {branch}; it is not created twice.",),
        check="",
        unknown_told=("Outcome not known: create {name}. Looking for it; it is not created twice.",),
        not_seen_stage="Not seen to be created · looked for 2 min ({known_at})",
        not_seen=("If it appears after all, that is told here.",),
        not_seen_told=(
            "Not seen to be created: {name} in {db}.",
            "If it appears after all, that is told.",
        ),
        refused=("Next: go by what it says (change the request, or wait), then ask again.",),
        broke_off=went_back("{serving}", AGAIN, "{said}"),
        broke_off_in_error=in_error("{serving}", AGAIN, "{said}"),
        as_before="Nothing was created.",
    ),
)
