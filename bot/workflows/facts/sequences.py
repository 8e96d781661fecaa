"""Sequence tables, which hold the next number of an AUTO_INCREMENT column."""

from typing import Final

_END: Final = "_seq"


def is_sequence(table: str) -> bool:
    """Whether it is one, by its name. PlanetScale moves those itself: nobody is led to name one."""
    return table.endswith(_END)
