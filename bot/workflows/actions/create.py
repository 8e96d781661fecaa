"""`create`: copy tables to another keyspace."""

from bot.commands.model import ActionName
from bot.planetscale.models import Workflow
from bot.workflows.actions.model import Action, Preflight, Touches, Traces, warns
from bot.workflows.checks.facts import Facts, Need


def _allowed(*_: Facts | Workflow) -> str | None:
    """There is no state yet that could be in the way."""


CREATE = Action(
    name=ActionName.CREATE,
    flags=(),
    call=None,
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
    moves_in=(),
    leads_to=frozenset(),
    causes=frozenset(),
    is_done=lambda _: True,
    # its checks are about what is not there yet, and so are functions of other facts: `checks.create`
    preflight=Preflight(
        allowed=_allowed,
        checks=(),
        needs=frozenset({Need.LISTING, Need.BRANCHES, Need.KEYSPACES, Need.SCHEMA, Need.VSCHEMA}),
        in_doubt=warns,
    ),
    traces=Traces(by="actor", at="created_at"),
)
