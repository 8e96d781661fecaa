"""How much a message weighs: the sign and the word that begin its title, and the colour of its edge.

This is the only table of signs, words and colours. The word always stands beside the colour: who sees no
colour, or a client that shows none, loses nothing.
"""

from dataclasses import dataclass
from enum import Enum
from typing import Final

_RED: Final = "#e01e5a"
_ORANGE: Final = "#de7b1f"
_BLUE: Final = "#1d9bd1"
_GREEN: Final = "#2eb67d"
_VIOLET: Final = "#8250df"
_GREY: Final = "#868686"


@dataclass(frozen=True, slots=True)
class Look:
    """How a weight is shown."""

    sign: str
    word: str
    colour: str


class Weight(Enum):
    """What is at stake, or what became of it."""

    STARTS_WORK = Look("▶️", "Starts work", _BLUE)
    MOVES_READS = Look("🔵", "Moves reads", _BLUE)
    MOVES_WRITES = Look("🟠", "Moves writes", _ORANGE)
    CHANGES_ROUTING = Look("🟠", "Changes routing", _ORANGE)
    ENDS_WAY_BACK = Look("⛔", "Ends the way back", _RED)
    DELETES = Look("⛔", "Deletes", _RED)
    CHECKING = Look("⏳", "Checking", _GREY)
    ABOUT_TO_RUN = Look("⏳", "About to run", _ORANGE)
    UNDER_WAY = Look("⏳", "Under way", _ORANGE)
    TAKES_LONG = Look("⚠️", "Takes long", _RED)
    NOT_KNOWN = Look("❓", "Not known", _VIOLET)
    NOT_SEEN = Look("❓", "Not seen to happen", _VIOLET)
    LOOK_FIRST = Look("❓", "Look before going on", _VIOLET)
    CAME_LATE = Look("⚠️", "Happened after all", _RED)
    BROKE_OFF = Look("⚠️", "Broke off", _RED)
    WRONG = Look("⚠️", "Something is wrong", _RED)
    REFUSED = Look("⚠️", "Refused", _ORANGE)
    NOT_SENT = Look("⚪", "Not sent", _GREY)
    STARTED = Look("▶️", "Started", _BLUE)
    DONE = Look("✅", "Done", _GREEN)
    PAST = Look("⚪", "Past", _GREY)

    @property
    def sign(self) -> str:
        return self.value.sign

    @property
    def word(self) -> str:
        return self.value.word

    @property
    def colour(self) -> str:
        """Of the edge, as `#rrggbb`."""
        return self.value.colour


FORCED: Final = Look("⛔", "Forced", _RED)
"""What is forced is that before it is anything else; what it does is said after it."""
