"""The names of messages about operations on the board."""

from bot.operations.events import Event


def card_key(operation_id: str) -> str:
    """The name of an operation's card on the board."""
    return f"operation:{operation_id}:card"


def copy_key(operation_id: str, user: str) -> str:
    """The name of the card's copy in the direct message with somebody."""
    return f"operation:{operation_id}:direct:{user}"


def copy_subject(operation_id: str, user: str) -> str:
    """What such a copy is about: one of them that is held up holds up no other."""
    return f"{operation_id}:{user}"


def operation_id_of(subject_id: str) -> str:
    """The operation that a card, a copy or an event is about."""
    return subject_id.partition(":")[0]


def operation_of_key(key: str) -> str | None:
    """The operation that a message with this name is about, if it is about one."""
    kind, _, rest = key.partition(":")
    return rest.partition(":")[0] if kind == "operation" else None


def event_key(operation_id: str, event: Event) -> str:
    """The name of what is told about an operation."""
    return f"operation:{operation_id}:{event.value}"
