"""In what form the next try sends a message: the refusals so far stand in the board's `error`."""

from typing import Any, Final

from bot.slack.cards.blocks.plainer import forms, has_buttons, that_counts
from bot.slack.cards.blocks.rich import Message
from bot.slack.codes import Trouble, meaning

_CURED_BY_FORM: Final = frozenset({Trouble.CONTENT, Trouble.METADATA})


def with_code(error: str | None, code: str) -> str:
    """What to keep of the refusals so far, and the newest: as many plainer forms are left out."""
    kept = [one for one in (error or "").split(",") if one and meaning(one) in _CURED_BY_FORM]
    return ",".join([*kept, code])


def without_metadata(error: str | None) -> bool:
    """Whether Slack refused the metadata."""
    return _times(error, Trouble.METADATA) > 0


def payload(message: Message, error: str | None, *, counts: bool = False) -> dict[str, Any] | None:
    """The form whose turn it is; `None` when Slack has refused all of them.

    `counts`: it says that an earlier message about the same does not count any more.
    """
    left = list(forms(that_counts(message) if counts else message))[_times(error, Trouble.CONTENT) :]
    return left[0] if left else None


def lacks_buttons(message: Message, sent: dict[str, Any]) -> bool:
    """Whether the form that was sent has none of the buttons that the message has."""
    return has_buttons(message) and "blocks" not in sent


def _times(error: str | None, trouble: Trouble) -> int:
    return sum(meaning(code) is trouble for code in (error or "").split(",") if code)
