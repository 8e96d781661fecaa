"""What is said of user groups that Slack does not let the bot read."""

from collections.abc import Mapping
from typing import Final

TOO_MANY: Final = "too_many_to_compare"
NOT_COMPARED: Final = "not_compared"
"""The bot's own codes, of groups that may hold somebody under their other id (Enterprise Grid)."""

_LASTING: Final[Mapping[str, str]] = {
    "no_such_subteam": "Slack knows no such group (any more)",
    "subteam_disabled": "that group is switched off",
    "plan_upgrade_required": "this workspace's plan has no user groups",
    "missing_scope": "the bot's token lacks usergroups:read",
    "no_permission": "the bot may not read user groups",
    "not_allowed_token_type": "the bot's token may not read user groups",
    "permission_denied": "the bot may not read user groups",
    TOO_MANY: "it has too many members to find out whether it holds this person under another id",
}
"""Slack's codes for what stays so until somebody mends it."""
_MEND: Final = "Have it mended by whoever runs the bot: workflow-bot check tries each."
_WAIT: Final = "Try again in a minute."


def stays_unread(unread: Mapping[str, str]) -> bool:
    """Whether asking again would not help for any of these groups."""
    return bool(unread) and all(code in _LASTING for code in unread.values())


def too_large(unread: Mapping[str, str]) -> bool:
    """Whether one of these groups was read, and only its size leaves a doubt."""
    return TOO_MANY in unread.values()


def why_unread(code: str) -> str:
    """Why it is not known who is in a group, as a clause."""
    if code == TOO_MANY:
        return _LASTING[code]
    if code == NOT_COMPARED:
        return "Slack did not say who each of its members is in the whole organization"
    return f"{_LASTING[code]} ({code})" if code in _LASTING else f"Slack says {code}"


def unread_groups(unread: Mapping[str, str]) -> str:
    """Which groups of the policy could not be read, why, and what helps: groups and Slack's codes."""
    cure = _MEND if stays_unread(unread) else _WAIT
    return f"It depends on who is in {named_unread(unread)}. {cure}"


def named_unread(unread: Mapping[str, str]) -> str:
    """The groups and why each could not be read, as part of a sentence."""
    each = [f"the user group {group}, and {why_unread(code)}" for group, code in unread.items()]
    return "; and in ".join(each)
