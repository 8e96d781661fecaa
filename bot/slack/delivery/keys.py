"""The names of messages about operations on the board."""

from bot.operations.events import Event


def card_key(operation_id: str) -> str:
    """The name of an operation's card on the board."""
    return f"operation:{operation_id}:card"


def event_key(operation_id: str, event: Event) -> str:
    """The name of what is told about an operation."""
    return f"operation:{operation_id}:{event.value}"
