"""Why nobody is asked for an approval: sentences for whoever wanted to ask."""

from collections.abc import Mapping
from typing import Final

from bot.approvals.decide import Reason

_WHY: Final[Mapping[Reason, str]] = {
    Reason.UNKNOWN_PERSON: "Slack did not say who that is. Try again in a minute.",
    Reason.NOT_A_MEMBER: "{name} is no full member of this workspace, so they cannot approve.",
    Reason.REQUESTER_CANNOT_APPROVE: "you asked for this, so somebody else has to approve it.",
    Reason.NOT_AN_APPROVER: "the policy names who may approve this, and {name} is not among them.",
    Reason.COUNTED_ALREADY: "{name} has approved it already.",
}


def nobody_asked(reason: Reason | str, name: str = "") -> str:
    """That nobody was asked, and why: a reason of `approvals.decide`, or a sentence."""
    if not isinstance(reason, Reason):
        return f"Nobody was asked. {reason}"
    return f"Nobody was asked: {_WHY[reason].replace('{name}', name)}"


def nobody_offered(requester: str | None) -> str:
    """Why there is nobody to choose. `requester`: who alone could, where somebody else looks."""
    return f"Only {requester} can ask, who asked for this" if requester else "There is nobody to ask"
