"""The tables of the documentation that are made from the code.

The README's of sub-commands and flags comes from the grammar, the API calls and the built-in policy; that of
figures from `bot.metrics.table`.

`python -m bot.readme` writes them into the files of the working directory.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from bot.approvals.policy import Policy, load_policy
from bot.approvals.terms import Gate
from bot.commands import flags, grammar, model
from bot.commands.model import ActionName
from bot.commands.shapes import CommandGroup, Flag, SubCommand, ValueKind
from bot.metrics.table import FIGURES
from bot.planetscale.calls import NewWorkflow
from bot.workflows.actions.model import REPLICAS_ONLY, Action
from bot.workflows.actions.registry import ACTIONS, named

BEGIN: Final = "<!-- sub-commands: written by `make readme`, from the code -->"
END: Final = "<!-- end of sub-commands -->"
FIGURES_BEGIN: Final = "<!-- figures: written by `make readme`, from the code -->"
FIGURES_END: Final = "<!-- end of figures -->"

_WORKFLOWS: Final = "/databases/{database}/workflows"
_NOTHING: Final = "nothing"
_READS: Final = {
    model.ListWorkflows: f"`GET {_WORKFLOWS}`",
    model.ShowWorkflow: f"`GET {_WORKFLOWS}/{{number}}`",
    model.WatchWorkflow: f"`GET {_WORKFLOWS}/{{number}}`, again and again",
}
_AGREES: Final = {
    Gate.PEER: "a second person approves",
    Gate.CONFIRM: "you confirm it yourself",
    Gate.NONE: "no",
}


def table() -> str:
    """The table, as Markdown."""
    rows = ["| Type | Its request to PlanetScale | Second person (built-in policy) |", "|---|---|---|"]
    policy = load_policy(None)
    for group in CommandGroup:
        rows.append(f"| **{group.value}** | | |")
        for sub in grammar.SUB_COMMANDS:
            if sub.group is group:
                rows += _rows(sub, policy)
    rows.append("| **On every action** | | |")
    rows += [_row(_spelled(flag), _NOTHING, "") for flag in flags.ON_ACTIONS]
    rows.append("| **On every sub-command** | | |")
    rows += [_row(_spelled(flag), _global(flag), "") for flag in flags.GLOBAL]
    return "\n".join(rows)


def figures() -> str:
    """The table of figures, as Markdown."""
    rows = ["| Figure | Kind | Labels | Of | What it tells |", "|---|---|---|---|---|"]
    for one in FIGURES:
        labels = ", ".join(f"`{label}`" for label in one.labels)
        rows.append(_row(f"`{one.name}`", one.kind.value, labels, one.scope.value, one.help))
    return "\n".join(rows)


def renewed(text: str, content: str, begins: str, ends: str) -> str:
    """`text` with a table in its place. Raises `ValueError` where the place is not marked."""
    before, begin, rest = text.partition(begins)
    _, end, after = rest.partition(ends)
    if not (begin and end):
        msg = f"the place of the table is not marked: {begins} … {ends}"
        raise ValueError(msg)
    return f"{before}{begins}\n\n{content}\n\n{ends}{after}"


def with_commands(text: str) -> str:
    """The README's text, brought up to date."""
    return renewed(text, table(), BEGIN, END)


def with_figures(text: str) -> str:
    """The text of the page about figures, brought up to date."""
    return renewed(text, figures(), FIGURES_BEGIN, FIGURES_END)


WRITTEN: Final = {"README.md": with_commands, "docs/metrics.md": with_figures}
"""Which file has which table."""


def _rows(sub: SubCommand, policy: Policy) -> Iterator[str]:
    words = " ".join((sub.name, *(positional.spelled for positional in sub.positionals)))
    if sub.group is not CommandGroup.ACT:
        yield _row(f"`{words}`", _READS.get(sub.makes, _NOTHING), "no")
    else:
        action = named(ActionName(sub.name))
        yield _row(f"`{words}`", _request(action), _agrees(policy, action.name))
    for flag in sub.flags:
        yield _row(_spelled(flag), _own(flag), "the same" if flag is flags.REPLICAS_ONLY else "")


def _request(action: Action) -> str:
    call = action.call
    return f"`{call.method} {_WORKFLOWS}/{{number}}{call.path}`" if call else f"`POST {_WORKFLOWS}`"


def _own(flag: Flag) -> str:
    """What a flag of one sub-command changes in the request."""
    if flag is flags.REPLICAS_ONLY:
        return _request(next(action for action in ACTIONS if REPLICAS_ONLY in action.flags))
    if flag in flags.CREATE and flag.field in NewWorkflow.model_fields:
        return f"`{flag.field}` of the body"
    return _NOTHING


def _global(flag: Flag) -> str:
    return "`/organizations/{organization}`, before every path above" if flag is flags.ORG else _NOTHING


def _agrees(policy: Policy, action: ActionName) -> str:
    """Who has to agree; where it depends on how far the copy is, all of it."""

    def gate(*, copied: bool, complete: bool) -> str:
        rule = policy.rule_for("*", "*", action, switched=True, rows_copied=copied, copy_complete=complete)
        return _AGREES[rule.gate]

    complete, begun, new = (
        gate(copied=copied, complete=full) for copied, full in ((True, True), (True, False), (False, False))
    )
    if complete == begun == new:
        return complete
    return f"{new}; once rows are copied {begun}; once the copy was complete {complete}"


def _spelled(flag: Flag) -> str:
    value = f" {flag.placeholder}" if flag.kind is not ValueKind.SWITCH else ""
    short = f"`-{flag.short}`, " if flag.short else ""
    return f"· {short}`{flag.spelled}{value}` {flag.help}"


def _row(*cells: str) -> str:
    return f"| {' | '.join(cell.replace('|', '&#124;') for cell in cells)} |"


if __name__ == "__main__":
    for name, brought_up_to_date in WRITTEN.items():
        file = Path(name)
        file.write_text(brought_up_to_date(file.read_text(encoding="utf-8")), encoding="utf-8")
