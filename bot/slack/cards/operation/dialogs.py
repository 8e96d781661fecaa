"""What Slack asks before a press on Approve counts: one more look at what it leads to."""

from bot.slack.cards.blocks.controls import DIALOG_TEXT, DIALOG_TITLE, Dialog
from bot.slack.cards.blocks.rich import Line, shorten
from bot.slack.cards.operation.consequences import sentence
from bot.slack.cards.operation.view import View

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


def _fitting(view: View, template: str, most: int, before: str = "") -> str:
    """Filled in, after what stands before it; where it is too long, with shorter names, then with a number
    instead of them."""
    forms = (template, template.replace("{tables}", "{n_tables}"))
    texts = [before + view.clipped(clip).plain(form) for clip in _SHORT_NAMES for form in forms]
    return next((text for text in texts if len(text) <= most), texts[-1])
