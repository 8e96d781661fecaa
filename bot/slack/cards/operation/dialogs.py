"""What Slack asks before a press counts: one more look at what it leads to."""

from dataclasses import dataclass

from bot.planetscale.models import Workflow
from bot.planetscale.refs import WorkflowRef
from bot.slack.cards.blocks.controls import DIALOG_TEXT, DIALOG_TITLE, Dialog
from bot.slack.cards.blocks.rich import Line, shorten
from bot.slack.cards.blocks.templates import TemplateFields
from bot.slack.cards.blocks.words import names, plural
from bot.slack.cards.operation.consequences import sentence
from bot.slack.cards.operation.view import View
from bot.workflows.actions.model import Action
from bot.workflows.checks.facts import branch, source, target

_SHORT_NAMES = (64, 30, 12)
_FORCED = 100
"""Characters for what is overridden; the card says it in full."""


def approve_dialog(view: View) -> Dialog:
    """The dialog of the Approve button, as things stand."""
    words = view.action.before.dialog
    text, leads_to = words.text, words.yes
    operation, given = view.operation, len(view.story.approved_by)
    left = operation.required - given
    if left > 1:
        moment = f"once {left - 1} more {'has' if left == 2 else 'have'} approved"
        leads_to = f"Approve ({given + 1} of {operation.required})"
        text += " Nothing is deleted yet." if view.action.deletes else " Nothing is sent yet."
    else:
        moment = "as soon as you approve"
    forced = _forced_over(view)
    return Dialog(
        _fitting(view, words.title, DIALOG_TITLE, "Forced: " if forced else ""),
        _fitting(view, text.replace("{moment}", moment), DIALOG_TEXT, forced),
        leads_to,
        danger=bool(forced) or view.action.is_heavy,
    )


def deny_dialog(view: View) -> Dialog:
    """One look more before a request is stopped for everybody."""
    return Dialog(
        _fitting(view, f"Deny: {view.title}, {{ref}}?", DIALOG_TITLE),
        _fitting(
            view,
            "The request of {who} ends as soon as you deny, and nothing is sent. Then you are asked why.",
            DIALOG_TEXT,
        ),
        "Deny",
        danger=True,
    )


def _forced_over(view: View) -> str:
    """`Forced over: 17 rows differ in line_items (2 shards). `, before all else."""
    said = " ".join(Line(sentence(view.operation, one)).plain for one in view.forced_over)
    return f"Forced over: {shorten(said, _FORCED)} " if said else ""


def settle_dialog(view: View) -> Dialog:
    """Before somebody's word takes the place of a read that could not be made."""
    return Dialog(
        _fitting(view, f"{view.title} {{ref}}: say what happened?", DIALOG_TITLE),
        _fitting(
            view,
            "It is written down with your name, and the request ({where}) ends by it. "
            "Look at PlanetScale's dashboard and at the application first.",
            DIALOG_TEXT,
        ),
        "I have looked",
        danger=True,
    )


@dataclass(frozen=True, slots=True)
class _Shown(TemplateFields):
    """A workflow as a button is drawn for it, for the words of an action's dialog."""

    named: WorkflowRef
    workflow: Workflow

    @property
    def ref(self) -> str:
        return str(self.named)

    @property
    def where(self) -> str:
        return " / ".join((self.named.organization, self.named.database, branch(self.workflow)))

    @property
    def source(self) -> str:
        return source(self.workflow)

    @property
    def target(self) -> str:
        return target(self.workflow)

    @property
    def tables(self) -> str:
        return names([table.name for table in self.workflow.tables or ()]) or "the moved tables"

    @property
    def n_tables(self) -> str:
        tables = len(self.workflow.tables or ())
        return plural(tables, "table") if tables else "the moved tables"


def way_back_dialog(action: Action, ref: WorkflowRef, workflow: Workflow) -> Dialog:
    """What Slack asks on a button that goes back: in the place of the private question, for this state."""
    shown = _Shown(ref, workflow)
    template = action.before.dialog.text.replace("{moment}", "now")
    texts = [shown.plain(form) for form in (template, template.replace("{tables}", "{n_tables}"))]
    text = next((one for one in texts if len(one) <= DIALOG_TEXT), texts[-1])
    return Dialog(
        shown.plain(action.before.question.text), text, action.before.question.yes, danger=action.is_heavy
    )


def _fitting(view: View, template: str, most: int, before: str = "") -> str:
    """Filled in, after what stands before it; where it is too long, with shorter names, then with a number
    instead of them."""
    forms = (template, template.replace("{tables}", "{n_tables}"))
    texts = [before + view.clipped(clip).plain(form) for clip in _SHORT_NAMES for form in forms]
    return next((text for text in texts if len(text) <= most), texts[-1])
