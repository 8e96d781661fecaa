"""A card in as many lines as people read. Nothing is left out: what has no line of its own goes on in one."""

from collections.abc import Sequence

from bot.slack.cards.blocks.spans import Line, Part

_SIGNS = ("⛔", "⚠️", "❓", "☐", "✅", "↩️", "•")
_ENDS = (".", "!", "?", "…", ":")


def folded(lines: Sequence[Line], most: int) -> list[Line]:
    """At most `most` lines, where that can be: from the end up, lines of one sign become one; then lines
    without a sign go on in the line above them. No line gets a second sign."""
    left = list(lines)
    while len(left) > most and (place := _to_join(left)) is not None:
        left[place - 1 : place + 1] = [_joined(left[place - 1], left[place])]
    return left


def _to_join(lines: Sequence[Line]) -> int | None:
    """The line that goes on in the one above it."""
    signs = [sign_of(line) for line in lines]
    places = range(len(lines) - 1, 0, -1)
    alike = (place for place in places if signs[place] == signs[place - 1])
    unsigned = (place for place in places if not signs[place])
    return next(alike, None) or next(unsigned, None)


def sign_of(line: Line) -> str:
    """The sign that a line begins with, or nothing."""
    return next((sign for sign in _SIGNS if line.plain.startswith(sign)), "")


def _joined(first: Line, second: Line) -> Line:
    ends = first.plain.rstrip().endswith(_ENDS)
    return Line((*first.parts, " " if ends else " · ", *_unsigned(second)))


def _unsigned(line: Line) -> tuple[Part, ...]:
    sign, (first, *rest) = sign_of(line), line.parts
    if not sign or not isinstance(first, str):
        return line.parts
    return tuple(part for part in (first.removeprefix(sign).lstrip(), *rest) if part)
