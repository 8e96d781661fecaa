"""What Slack asks before a press on Approve counts: one more look at what it leads to."""

from collections.abc import Mapping

from bot.slack.cards.blocks.controls import DIALOG_TEXT, DIALOG_TITLE, Dialog
from bot.slack.cards.blocks.rich import Line, shorten
from bot.slack.cards.operation.consequences import sentence
from bot.slack.cards.operation.deeds import DELETES, SWITCHES_WRITES, VERBS, Deed
from bot.slack.cards.operation.view import View

_SWITCH_WRITES = (
    "Switch primaries of {ref}: move writes to {target} now?",
    "All queries for {tables} go from {source} to {target} ({where}) {moment}. "
    "Writes wait for seconds, some may fail. Deletes nothing. Way back until the cutover: reverse-traffic.",
    "Approve and switch",
)
_TEXTS: Mapping[Deed, tuple[str, str, str]] = {
    # title, text, and what the press that is the last one needed leads to
    Deed.REPLICAS: (
        "Switch replica reads of {ref} now?",
        "Replica and read-only queries for {n_tables} move from {source} to {target} ({where}) {moment}. "
        "Writes stay on {source}. Deletes nothing. Way back: reverse-traffic.",
        "Approve and switch",
    ),
    Deed.PRIMARIES: _SWITCH_WRITES,
    Deed.ALL_AT_ONCE: _SWITCH_WRITES,
    Deed.IMPORT: (
        "Switch primaries of {ref}: move writes to {target} now?",
        "{target} ({where}) serves writes and reads {moment}. Writes wait for seconds, some may fail. "
        "You state that the application is connected to PlanetScale. "
        "Deletes nothing. Way back until it is completed: reverse-traffic.",
        "Approve and switch",
    ),
    Deed.CUTOVER: (
        "Cut over {ref}: delete {n_tables} from {source}?",
        "{tables} {are} deleted from {source} ({where}) {moment}. Nobody can bring {them} back. "
        "You state that the application no longer names {source} for {them} and that you looked at errors "
        "since the switch.",
        "Approve and delete",
    ),
    Deed.CUTOVER_AGAIN: (
        "Cut over {ref} again?",
        "The routing rules ({where}) are removed {moment}: queries that still name {source} fail. "
        "You state that the application no longer does. Deletes nothing more. Way back: reverse-cutover.",
        "Approve and cut over",
    ),
    Deed.COMPLETE: (
        "Complete {ref}?",
        "Marks the move as finished ({where}). Deletes nothing. "
        "Afterwards the routing rules cannot be restored any more.",
        "Approve and complete",
    ),
    Deed.COMPLETE_IMPORT: (
        "Complete import {ref}?",
        "Replication back to the external database ends ({where}) {moment}, and its credentials are removed. "
        "It cannot be opened again. You state that every application is connected to PlanetScale and works.",
        "Approve and complete",
    ),
    Deed.CANCEL: (
        "Cancel {ref}: delete the copies in {target}?",
        "The copies of {tables} in {target} ({where}) are deleted {moment}: {copied}. "
        "{source} is not touched. It cannot be undone.",
        "Approve and delete",
    ),
    Deed.REVERSE: (
        "Reverse traffic of {ref} now?",
        "All queries for {tables} go back to {source} ({where}) {moment}. "
        "Writes wait for seconds, some may fail. Deletes nothing.",
        "Approve and reverse",
    ),
    Deed.RESTORE: (
        "Restore the routing rules of {ref}?",
        "Queries that still name {source} are routed to {target} again ({where}) {moment}. Deletes nothing, "
        "and does not bring back the tables.",
        "Approve and restore",
    ),
    Deed.RETRY: (
        "Retry {ref}?",
        "The copy ({where}) continues, or starts over from the beginning, {moment}: "
        "up to {copied} once more. {retry_keeps}",
        "Approve and retry",
    ),
    Deed.VERIFY: (
        "Verify the data of {ref}?",
        "Every row of {tables} ({where}) is compared {moment}. Changes nothing.",
        "Approve and verify",
    ),
    Deed.CREATE: (
        "Create {name} in {db}?",
        "{n_tables} {are} copied from {source} to {target} ({where}) {moment}, which puts load on {source}. "
        "Deletes nothing.",
        "Approve and create",
    ),
}
_SHORT_NAMES = (64, 30, 12)
_FORCED = 100
"""Characters for what is overridden; the card says it in full."""


def approve_dialog(view: View) -> Dialog:
    """The dialog of the Approve button, as things stand."""
    title, text, leads_to = _TEXTS.get(view.deed, _TEXTS[Deed.REVERSE])
    operation, given = view.operation, len(view.story.approved_by)
    left = operation.required - given
    if left > 1:
        moment = f"once {left - 1} more {'has' if left == 2 else 'have'} approved"
        leads_to = f"Approve ({given + 1} of {operation.required})"
        text += " Nothing is deleted yet." if view.deed in DELETES else " Nothing is sent yet."
    else:
        moment = "as soon as you approve"
    forced = _forced_over(view)
    return Dialog(
        _fitting(view, title, DIALOG_TITLE, "Forced: " if forced else ""),
        _fitting(view, text.replace("{moment}", moment), DIALOG_TEXT, forced),
        leads_to,
        danger=bool(forced) or view.deed in DELETES | SWITCHES_WRITES | {Deed.COMPLETE_IMPORT},
    )


def _forced_over(view: View) -> str:
    """`Forced over: 17 rows differ in line_items (2 shards). `, before all else."""
    said = " ".join(Line(sentence(view.operation, one)).plain for one in view.forced_over)
    return f"Forced over: {shorten(said, _FORCED)} " if said else ""


def settle_dialog(view: View) -> Dialog:
    """Before somebody's word takes the place of a read that could not be made."""
    verb = VERBS[view.deed]
    return Dialog(
        _fitting(view, f"{verb} {{ref}}: say what happened?", DIALOG_TITLE),
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
