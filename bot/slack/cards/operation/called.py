"""Whom a waiting card calls. A mention notifies when a message is posted; an edit notifies nobody."""

from bot.approvals.terms import Gate
from bot.operations.model import State
from bot.slack.cards.blocks.rich import GroupMention, Line, Part
from bot.slack.cards.blocks.words import plural
from bot.slack.cards.operation.view import Parts, View, joined

_FEW = 3
"""So many approvers are named one by one; of more it is said how many."""


def named_approvers(view: View) -> Parts:
    """Whom the policy names, where a mention notifies nobody: a few by name, more by their number."""
    named = _approvers(view)
    if len(named) > _FEW:
        return (plural(len(named), "named approver"),)
    return joined([(_by_name(view, one),) for one in named], " or ")


def approvers_on_card(view: View) -> Parts:
    """The same on a card, where a mention calls: nobody is mentioned whom the policy does not call."""
    operation, named = view.operation, _approvers(view)
    if operation.notify is None or len(named) > _FEW:
        return named_approvers(view)
    if any(one not in operation.to_call and one not in view.known for one in named):
        return ("the named approvers",)
    each: list[Parts] = [
        (mentioned(view, one) if one in operation.to_call else view.called(one),) for one in named
    ]
    return joined(each, " or ")


def called_line(view: View) -> list[Line]:
    """Whom else it calls than the approvers whom the card mentions."""
    operation = view.operation
    if operation.gate is not Gate.PEER or operation.state is not State.WAITING:
        return []
    shown = approvers_on_card(view)
    others = [one for one in (mentioned(view, user) for user in operation.to_call) if one not in shown]
    parts: list[Part] = []
    for one in others:
        parts += [" ", one]
    return [Line(("Called:", *parts))] if parts else []


def mentioned(view: View, named: str) -> Part:
    """A person or a user group, so that they are notified if the message is new."""
    return GroupMention(named, view.known.get(named)) if named.startswith("S") else view.mention(named)


def _approvers(view: View) -> list[str]:
    requester = {view.operation.requester, view.operation.identity(view.operation.requester)}
    return [one for one in view.operation.approvers if one not in requester]


def _by_name(view: View, named: str) -> Part:
    return GroupMention(named, view.known.get(named)) if named.startswith("S") else view.called(named)
