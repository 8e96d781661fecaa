"""What is told about an operation besides its card: replies in its thread, and calls in the channel."""

from enum import StrEnum


class Event(StrEnum):
    """A moment that somebody must hear of. Each is told once."""

    TABLES = "tables"
    """The full list of what is deleted, posted together with the card."""
    REMINDER = "reminder"
    """Half of the waiting time is over and an approval is missing."""
    DENIED = "denied"
    EXPIRED = "expired"
    TOO_LATE = "too_late"
    SUPERSEDED = "superseded"
    SLOW = "slow"
    """Under way for more than a minute."""
    SUCCEEDED = "succeeded"
    IN_PLACE = "in_place"
    REFUSED = "refused"
    BROKE_OFF = "broke_off"
    UNKNOWN = "unknown"
    RESOLVED = "resolved"
    """An unknown outcome is known now."""
    NEEDS_PERSON = "needs_person"
    LATE_EFFECT = "late_effect"
    """It happened after all."""
    ASK_SOMEONE = "ask_someone"
    """The requester asks one person to look."""
    ELSEWHERE = "elsewhere"
    """Slack took the card only in another of its places: told to the requester in a direct message."""
    NOWHERE = "nowhere"
    """Slack takes the card in none of its places: told to the requester in a direct message."""
