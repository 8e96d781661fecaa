"""What one person is told after a press or a command: a few lines, seen by nobody else."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from bot.approvals.decide import Reason
from bot.approvals.terms import Gate
from bot.commands.reason import PLACEHOLDER
from bot.operations.model import DecisionKind, State, Story
from bot.planetscale.refs import WorkflowRef
from bot.slack.cards.blocks.controls import BUTTON_VALUE, Button
from bot.slack.cards.blocks.lines_to_type import to_type
from bot.slack.cards.blocks.rich import Card, Channel, Link, Message, code
from bot.slack.cards.blocks.words import plural
from bot.slack.cards.forms.fields import OPEN
from bot.slack.cards.operation.buttons import next_step
from bot.slack.cards.operation.by_hand import by_hand
from bot.slack.cards.operation.called import named_approvers
from bot.slack.cards.operation.card import view_of
from bot.slack.cards.operation.consequences import sentence
from bot.slack.cards.operation.retyping import line_of
from bot.slack.cards.operation.view import Parts, View
from bot.slack.cards.workflow.page_button import page_button
from bot.subjects.findings import Level
from bot.workflows.own import action_of, ref_of

NOTHING_SENT = "Nothing was sent."
MOST_REASONS = 5

_FIXED: Mapping[str, str] = {
    Reason.UNKNOWN_PERSON: (
        "Slack could not say who you are just now, so this did not count. Press again in a minute."
    ),
    "who_are_you": "Slack could not say who you are just now. Nothing was sent. Try again in a minute.",
    Reason.NOT_OPEN_YET: "This is still being checked. Press again when the card shows its buttons.",
    Reason.STALE_BUTTON: (
        "This button belongs to an older version of the card. Look at the card as it is now, then press."
    ),
    Reason.EXPIRED: "Too late: this expired at {expires}. Nothing was sent.",
    Reason.DENY_NOT_ALLOWED: ("Only people who could approve this, or {who} by withdrawing it, can stop it."),
    Reason.DENY_NEEDS_REASON: (
        "A Deny needs a reason here, and Slack did not open the form for it, so it did not count. "
        "Press Deny again."
    ),
    Reason.WITHDRAW_NOT_ALLOWED: "Only {who}, who asked for this, can withdraw it.",
    Reason.NOTHING_TO_TAKE_BACK: "There is no approval of yours to take back.",
    "not_allowed": (
        "The policy does not let you ask for this. Nothing was sent. Ask somebody whom it names."
    ),
    "form_not_opened": (
        "Slack did not open the form in time, so nothing was written down. Press Say why again."
    ),
    "reason_stays": "You have said why already. It stays as it is: others decide by it.",
    "reason_not_asked": (
        "Your Deny counted. Slack did not open the form for the reason: say it in the card's thread."
    ),
    "not_the_requester": "Only {who}, who asked for this, can do that.",
    "nowhere": (
        "Slack takes no message from me in this channel, so nobody could see your request. Nothing was sent. "
        "Invite me with /invite, then ask again."
    ),
    "shared_channel": (
        "People of other companies see this channel, so nothing is asked here. Nothing was sent. "
        "Ask in a channel of your own."
    ),
    "unknown_channel": (
        "Slack could not say who reads this channel, so nothing is asked here. Nothing was sent. "
        "Ask again in a minute."
    ),
    "taken_back": "Your approval is taken back. The request waits for somebody else, until {expires}.",
    "unreadable": (
        "PlanetScale did not answer, so nothing could be checked and nothing was sent. Try again in a minute."
    ),
    "commit_unknown": "It is not known whether this was taken. Look at the card; do not use pscale.",
    "no_database": (
        "I cannot take this down right now, so nothing was done. Try again; in an emergency use pscale."
    ),
}
"""Those that only need names and moments filled in."""

_ENDED_AS = {
    State.EXPIRED: "it expired at {ended}",
    State.SUPERSEDED: "it is out of date since {ended}",
    State.TOO_LATE: "it could not be sent by {ended}",
    State.BLOCKED: "it was refused at {ended}",
    State.WITHDRAWN: "it is over since {ended}",
}


def private_answer(
    what: str,
    story: Story | None,
    now: datetime,
    extra: Mapping[str, Any] | None = None,
) -> Message:
    """The answer for `what`: a `Reason` of `approvals.decide` or one of the other words of `ANSWERS`.

    `story` is what was pressed or asked; for `asked_already` the one that waits already. `extra` may hold
    `link` (Slack's, to a card), `channel` (an id) and `detail` (a sentence). Raises `KeyError` for a word
    that is not in `ANSWERS`.
    """
    card = Card()
    if story is None:
        template = _FIXED[what]
        card.line(template)
        return card.message()
    view = view_of(story, now)
    lines = _MADE[what](view, extra or {}) if what in _MADE else (view.fill(_FIXED[what]),)
    for parts in lines:
        card.line(*parts)
    if what == _NEEDS_REASON:
        card.actions(_say_why(view))
    return card.message()


Lines = tuple[Parts, ...]
Maker = Callable[[View, Mapping[str, Any]], Lines]


def _not_a_member(view: View, _: Mapping[str, Any]) -> Lines:
    if view.operation.state in {State.REQUESTED, State.BLOCKED}:
        return ((f"Only full members of this workspace can ask for this. {NOTHING_SENT} Ask one of them.",),)
    return (("Only full members of this workspace can approve. Nothing was changed. Ask one of them.",),)


def _not_an_approver(view: View, _: Mapping[str, Any]) -> Lines:
    named = view.operation.approvers
    if not named:
        return (("Only full members of this workspace can approve this.",),)
    whom = ("a member of ",) if all(one.startswith("S") for one in named) else ()
    asks = "Ask one of them in the thread."
    return (("Approving this needs ", *whom, *named_approvers(view), f". {asks}"),)


def _own_request(view: View, _: Mapping[str, Any]) -> Lines:
    if view.operation.state is State.NEEDS_PERSON:
        return (("You asked for this, so somebody else has to say what happened.",),)
    return (("You asked for this, so somebody else has to approve it. You can withdraw it.",),)


def _group_unread(view: View, extra: Mapping[str, Any]) -> Lines:
    detail = extra.get("detail") or "It depends on a user group that Slack does not let the bot read."
    return (view.sentence(f"This did not count. {detail}"),)


def _nobody_asked(_: View, extra: Mapping[str, Any]) -> Lines:
    return ((str(extra.get("detail") or "Nobody was asked."),),)


def _counted_already(view: View, _: Mapping[str, Any]) -> Lines:
    given, required = len(view.story.approved_by), max(1, view.operation.required)
    return ((f"Your approval is counted already ({given} of {required}).",),)


def _approved_already(view: View, _: Mapping[str, Any]) -> Lines:
    by = view.approvers_by_name
    return (("It is approved already", *((", by ", *by) if by else ()), ". No more approvals are needed."),)


def _running(view: View, _: Mapping[str, Any]) -> Lines:
    if view.operation.sent_at is None:
        return (("Too late: it is being sent.",),)
    return (view.fill("Too late: PlanetScale was asked at {sent}."),)


def _ended(view: View, extra: Mapping[str, Any]) -> Lines:
    """The reason of the end; on an old card, that it is old."""
    operation = view.operation
    if operation.ended_at and operation.ended_at.date() != view.now.date():
        return _old_card(view, extra)
    for state, kind, verb in (
        (State.DENIED, DecisionKind.DENY, "denied"),
        (State.WITHDRAWN, DecisionKind.WITHDRAW, "withdrew"),
    ):
        decided = view.story.last(kind)
        if operation.state is state and decided:
            return (("Too late: ", view.called(decided.user), f" {verb} this at ", view.at(decided.at), "."),)
    how = _ENDED_AS.get(operation.state)
    if how is None:
        return (view.fill("Too late: it was sent, and ended at {ended}."),)
    return (view.fill(f"Too late: {how}. {NOTHING_SENT}"),)


def _old_card(view: View, _: Mapping[str, Any]) -> Lines:
    ended = view.operation.ended_at or view.operation.asked_at
    days = (view.now.date() - ended.date()).days
    age = {0: "from today", 1: "from yesterday"}.get(days, f"{days} days old")
    command = "`/workflow show {place}`" if view.number is not None else "`/workflow list {database}`"
    return (view.fill(f"This card is {age} and has ended. Current state: {command}"),)


def _in_direct_message(view: View, extra: Mapping[str, Any]) -> Lines:
    channel = extra.get("channel")
    why = "A second person has to see this, so ask in a channel"
    if channel:
        return ((f"{why}: ", Channel(str(channel)), f" watches {view.db}. {NOTHING_SENT}"),)
    return ((f"{why} where I am a member. {NOTHING_SENT}",),)


def _nobody_here(view: View, extra: Mapping[str, Any]) -> Lines:
    needs: Parts = (" (it needs ", *named_approvers(view), ")") if view.operation.approvers else ()
    return (("Nobody in this channel may approve this", *needs, ". ", *_card_at(extra)),)


def _confirmed(_: View, extra: Mapping[str, Any]) -> Lines:
    return (("Confirmed. ", *_card_at(extra)),)


def _card_posted(_: View, extra: Mapping[str, Any]) -> Lines:
    return (_card_at(extra),)


def _card_at(extra: Mapping[str, Any]) -> Parts:
    """A card that is in Slack has a link; one that has none is on its way, and may end up elsewhere."""
    channel, link = extra.get("channel"), extra.get("link")
    if link:
        place: Parts = (" in ", Channel(str(channel))) if channel else (" posted",)
        return ("The card is", *place, " · ", Link(str(link)))
    return ("The card goes to ", Channel(str(channel)), ".") if channel else ("The card is on its way.",)


def _blocked(view: View, _: Mapping[str, Any]) -> Lines:
    """Every reason: whoever mends only the first of them would be refused again."""
    report = view.operation.report
    found = [sentence(view.operation, finding) for finding in (report.blocks if report else ())]
    if not found:
        found = [view.sentence(view.operation.outcome.cause or "The checks do not allow it.")]
    more = len(found) - MOST_REASONS
    left = ((f"And {plural(more, 'more reason')}.",),) if more > 0 else ()
    otherwise = (line.parts for line in by_hand(view))
    return (*found[:MOST_REASONS], *left, (NOTHING_SENT,), *otherwise)


def _not_now(view: View, _: Mapping[str, Any]) -> Lines:
    operation = view.operation
    if operation.action.creates:
        return (("All right. ", NOTHING_SENT),)
    return to_type(line_of(operation), "All right. ", NOTHING_SENT, " To ask again: ")


def _needs_force(view: View, _: Mapping[str, Any]) -> Lines:
    report = view.operation.report
    heavy = [one for one in (report.warnings if report else ()) if one.level is Level.WARN_FORCE]
    said = [part for finding in heavy[:3] for part in (" ", *sentence(view.operation, finding))]
    needs = "warning needs --force" if len(heavy) == 1 else "warnings need --force"
    again = ", type it again with --force"
    over = f" in spite of it{again}" if view.operation.reason else f'{again} --reason="{PLACEHOLDER}"'
    second = " A second person still has to approve." if view.operation.gate is Gate.PEER else ""
    return (
        (f"{len(heavy)} {needs}:", *said),
        (f"To go on{over}.{second}",),
    )


def _which(view: View, _: Mapping[str, Any]) -> Lines:
    """The lines that would be clear, to be pasted."""
    operation = view.operation
    lines: list[Parts] = [
        (code(line_of(operation, number)), f"  {view.cut(name)}") for number, name in operation.choices
    ]
    left_out = " --force is left out of these lines." if operation.force else ""
    return (view.sentence(operation.outcome.cause or ""), *lines, (f"{NOTHING_SENT}{left_out}",))


def _needs_reason(view: View, _: Mapping[str, Any]) -> Lines:
    """How it is said. What is forced is typed, with the flag: it is in no line, and behind no button."""
    line = code(line_of(view.operation, reason=PLACEHOLDER))
    if view.operation.force:
        return (
            (f"A forced request needs a reason, for those who approve it. {NOTHING_SENT}",),
            ("Type it again with --force, and say why. Without that flag: ", line),
        )
    asks = f"{view.title} needs a reason: the policy asks why. {NOTHING_SENT}"
    return ((f"{asks} Press the button, or type: ", line),)


def _say_why(view: View) -> Button | None:
    """Leads to a form that asks for it."""
    operation = view.operation
    if operation.force:
        return None
    if operation.action.creates:
        value = line_of(operation)
        fits = len(value) <= BUTTON_VALUE
        return Button("Say why in the form", OPEN, value, "primary") if fits else None
    if operation.ref is None:
        return None
    return next_step(ref_of(operation.ref), "Say why …", action_of(operation.action), None, view.kind)


def _asked_already(view: View, extra: Mapping[str, Any]) -> Lines:
    left = max(1, view.operation.required - len(view.story.approved_by))
    waits = f"; it waits for {plural(left, 'approval')}" if view.operation.state is State.WAITING else ""
    link = extra.get("link")
    card: Parts = (" · ", Link(str(link))) if link else (".",)
    return ((*view.fill("{who} asked for this at {asked_at}"), waits, *card),)


_NEEDS_REASON = "needs_reason"
_MADE: Mapping[str, Maker] = {
    Reason.NOT_A_MEMBER: _not_a_member,
    Reason.REQUESTER_CANNOT_APPROVE: _own_request,
    Reason.NOT_AN_APPROVER: _not_an_approver,
    Reason.GROUP_UNREAD: _group_unread,
    Reason.COUNTED_ALREADY: _counted_already,
    Reason.APPROVED_ALREADY: _approved_already,
    Reason.RUNNING_ALREADY: _running,
    Reason.ENDED_ALREADY: _ended,
    "nobody_asked": _nobody_asked,
    "old_card": _old_card,
    "ask_in_a_channel": _in_direct_message,
    "nobody_here": _nobody_here,
    "card_posted": _card_posted,
    "confirmed": _confirmed,
    "blocked": _blocked,
    "not_now": _not_now,
    "which": _which,
    "needs_force": _needs_force,
    _NEEDS_REASON: _needs_reason,
    "asked_already": _asked_already,
}

ANSWERS = frozenset(_FIXED) | frozenset(_MADE)
"""Every word that `private_answer` understands."""


def cannot_take_down(*, in_doubt: bool) -> Message:
    """The bot's database is down: nothing was written, so nothing will happen.

    `in_doubt`: the database took it and did not say whether it was written.
    """
    card = Card()
    card.line(_FIXED["commit_unknown" if in_doubt else "no_database"])
    return card.message()


def cannot_ask(line: str, ref: WorkflowRef) -> Message:
    """The same for a command, which can be given without the bot: `line` is that of PlanetScale's own.

    What the bot sent before cannot be looked up now, but its card says it.
    """
    card = Card()
    card.line("I cannot take this down right now, so nothing was done. Try again in a minute.")
    when = f"In an emergency, and if no card of {ref} says that something is under way or not known: "
    for parts in to_type(line, when):
        card.line(*parts)
    card.actions(page_button(ref))
    return card.message()
