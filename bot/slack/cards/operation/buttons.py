"""The buttons of an operation's card: which there are, and which have an effect at this moment.

A deciding button's value is the operation's id and the first part of its digest (`approvals.digest`); before
there is a digest, and on all others but `NEXT`, it is the id alone. `NEXT` carries a command line.
"""

from typing import Final

from bot.approvals.digest import button_value
from bot.approvals.terms import Gate
from bot.operations.model import Operation, State
from bot.planetscale.models import Workflow
from bot.planetscale.refs import WorkflowRef
from bot.slack.cards.blocks.controls import Button, Control, LinkButton, OfferedPicker, PersonPicker, Style
from bot.slack.cards.blocks.rich import shorten
from bot.slack.cards.operation.again import may_be_asked_again
from bot.slack.cards.operation.dialogs import approve_dialog, deny_dialog, settle_dialog, way_back_dialog
from bot.slack.cards.operation.view import View
from bot.slack.cards.workflow.page_button import page_button
from bot.workflows.actions.model import Action
from bot.workflows.actions.registry import as_asked, named
from bot.workflows.facts.deletion import What
from bot.workflows.facts.kind import WorkflowKind

APPROVE: Final = "op_approve"
DENY: Final = "op_deny"
WITHDRAW: Final = "op_withdraw"
TAKE_BACK: Final = "op_take_back"
DETAILS: Final = "op_all_checks"
"""Named as on cards of earlier versions: they are still in Slack, and so are those with `ALL_TABLES`."""
ALL_TABLES: Final = "op_all_tables"
ASK_AGAIN: Final = "op_ask_again"
SAY_WHY: Final = "op_say_why"
CONFIRM: Final = "op_confirm"
NOT_NOW: Final = "op_not_now"
HAPPENED: Final = "op_happened"
DID_NOT_HAPPEN: Final = "op_did_not_happen"
ASK_SOMEONE: Final = "op_ask_someone"
"""A person picker: the operation's id is in its row's `block_id`, after `ASK_SOMEONE` and a colon."""
FULL_TEXT: Final = "op_full_text"
CUTOVER_NEEDS: Final = "op_cutover_needs"
NEXT: Final = "op_next"
"""Action ids are this, a dot and a sub-command, because no two buttons of a message may have the same one.
For a way back, a dot more and the state of which its dialog tells."""
LONGEST_STATE: Final = 100

_APPROVE: tuple[str, Style] = ("Approve", "primary")
_APPROVE_DELETION: tuple[str, Style] = ("Approve deletion", "danger")


def deciding(operation: Operation, label: str, action_id: str, style: Style | None = None) -> Button:
    """A button whose press decides about exactly what the card shows."""
    return Button(label, action_id, decision_value(operation), style)


def decision_value(operation: Operation) -> str:
    """The value of a deciding button."""
    return button_value(operation.id, operation.digest) if operation.digest else operation.id


def next_step(
    ref: WorkflowRef, label: str, action: Action, workflow: Workflow | None, kind: WorkflowKind
) -> Button:
    """A button that asks for another action, as the command would.

    A way back is asked about in the button's own dialog, which tells of `workflow`: its state goes with it.
    """
    command = action.name.value
    line = " ".join(("/workflow", command, ref.database, str(ref.number), *action.flags))
    asked = as_asked(action.call, workflow, kind)
    if workflow is None or not asked.goes_back:
        return Button(label, f"{NEXT}.{command}", line)
    dialog = way_back_dialog(asked, ref, workflow)
    return Button(label, f"{NEXT}.{command}.{shorten(workflow.state, LONGEST_STATE)}", line, None, dialog)


def agreed_in(action_id: str) -> str | None:
    """The state of which the dialog of a `NEXT` button told, where it had one."""
    _, _, state = action_id.removeprefix(f"{NEXT}.").partition(".")
    return state or None


def buttons(view: View) -> tuple[Control, ...]:
    """What can be pressed on the card now, and the page of its workflow, once it has one."""
    if view.operation.state is State.REQUESTED:
        return (deciding(view.operation, "Withdraw", WITHDRAW),)
    details = Button("Details", DETAILS, view.operation.id)
    return (*_to_decide(view), *_take_back(view), details, *open_page(view))


def open_page(view: View) -> tuple[LinkButton, ...]:
    """The button that opens its workflow, once it has one."""
    if view.number is None:
        return ()
    return (page_button(WorkflowRef(view.operation.organization, view.operation.database, view.number)),)


def _to_decide(view: View) -> tuple[Button, ...]:
    """What leads somewhere."""
    if view.is_overtaken:
        return _full_text(view)
    match view.operation.state:
        case State.WAITING:
            return _waiting(view)
        case State.READY if view.operation.gate is Gate.PEER:
            return (_deny(view), _withdraw(view))
        case State.SUCCEEDED:
            return _next(view)
        case State.NEEDS_PERSON:
            return _to_settle(view)
        case State.DENIED | State.EXPIRED | State.TOO_LATE | State.REFUSED | State.BROKE_OFF | State.NOT_SEEN:
            return (*_again(view, "Ask again"), *_full_text(view))
        case State.SUPERSEDED:
            return _again(view, "Ask again with the new state")
        case _:
            return ()


def _waiting(view: View) -> tuple[Button, ...]:
    operation = view.operation
    if operation.gate is not Gate.PEER:
        return (_withdraw(view),)
    return (
        *_approve(view),
        _deny(view),
        _withdraw(view),
        *filter(None, (say_why(operation),)),
    )


def say_why(operation: Operation) -> Button | None:
    """For whoever asked, where it was not said with the request."""
    return None if operation.reason else Button("Say why", SAY_WHY, operation.id)


def picker(view: View) -> tuple[PersonPicker | OfferedPicker, ...]:
    """*Ask someone* for the approval, if it can be given: where the policy names who may, only they are
    offered.
    """
    operation = view.operation
    waits = operation.state is State.WAITING and operation.gate is Gate.PEER
    if view.is_overtaken or not waits or not _approve(view):
        return ()
    made = OfferedPicker if operation.approvers else PersonPicker
    return (made("Ask someone", ASK_SOMEONE),)


def picker_row(view: View) -> str | None:
    """The `block_id` of the row that holds the picker, which carries no value."""
    return f"{ASK_SOMEONE}:{view.operation.id}" if picker(view) else None


def _approve(view: View) -> tuple[Button, ...]:
    """Nobody may be asked to approve a deletion that could not be named."""
    if not view.operation.digest or not view.deletes_named:
        return ()
    label, style = _APPROVE_DELETION if view.action.deletes else _APPROVE
    if view.forced_over:
        style = "danger"
    return (Button(label, APPROVE, decision_value(view.operation), style, approve_dialog(view)),)


def _deny(view: View) -> Button:
    """Never by one tap: it asks, or opens the form without which it does not count."""
    dialog = None if view.operation.deny_reason else deny_dialog(view)
    return Button("Deny", DENY, decision_value(view.operation), None, dialog)


def _withdraw(view: View) -> Button:
    return deciding(view.operation, "Withdraw", WITHDRAW)


def _take_back(view: View) -> tuple[Button, ...]:
    open_to_it = view.operation.state in {State.WAITING, State.READY}
    if not open_to_it or view.operation.gate is not Gate.PEER or not view.story.approved_by:
        return ()
    return (deciding(view.operation, "Take my approval back", TAKE_BACK),)


def _again(view: View, label: str) -> tuple[Button, ...]:
    outcome, story = view.operation.outcome, view.story
    half_deleted = view.action.deletes is What.SOURCE_TABLES and view.operation.state is State.BROKE_OFF
    if story.asked_again or outcome.late_effect_at or half_deleted or not may_be_asked_again(view):
        return ()
    return (Button(label, ASK_AGAIN, view.operation.id),)


def _full_text(view: View) -> tuple[Button, ...]:
    outcome = view.operation.outcome
    latest = view.read_back
    more = len((latest.workflow_errors if latest else None) or "") > len(outcome.said or "")
    hidden = view.operation.hide_errors or (outcome.said or "").endswith("…")
    return (Button("Full text", FULL_TEXT, view.operation.id),) if outcome.said and (hidden or more) else ()


def _to_settle(view: View) -> tuple[Button, ...]:
    dialog = settle_dialog(view)
    value = decision_value(view.operation)
    return (
        Button("It happened", HAPPENED, value, None, dialog),
        Button("It did not", DID_NOT_HAPPEN, value, None, dialog),
    )


def _next(view: View) -> tuple[Button, ...]:
    if view.operation.outcome.settled_by or view.number is None:
        return ()
    words = view.action.after
    steps = (one for one in words.next if not (one.if_clean and view.differs))
    explains = (Button("What the cutover needs", CUTOVER_NEEDS, view.operation.id),)
    ref = WorkflowRef(view.operation.organization, view.operation.database, view.number)
    return (
        *(next_step(ref, one.label, named(one.name), view.latest, view.kind) for one in steps),
        *(explains if words.explains_cutover else ()),
    )
