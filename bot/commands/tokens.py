"""Chat text → words, the way a shell would split it, forgiving what chat does to quotes and spaces."""

import re
from typing import Final, NamedTuple

# Soft hyphen, zero-width characters, marks of writing direction: nobody sees them, so nobody meant them.
_INVISIBLE: Final = (
    "\u00ad\u034f\u061c\u180e\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\u202a\u202b\u202c\u202d\u202e"
    "\u2066\u2067\u2068\u2069"
)
_PLAIN: Final[dict[int, str | None]] = {
    **dict.fromkeys(map(ord, _INVISIBLE)),
    **dict.fromkeys(map(ord, "“”„‟″＂"), '"'),
    **dict.fromkeys(map(ord, "‘’‚‛′＇"), "'"),
}
_TICKED: Final = re.compile(r"""(?<![^\s=,"'(])`([^`]*)`(?![^\s=,"').;:!?])""")
"""A word in code marks, as chat writes names. A mark within a word stays: without it the name is another."""
_APART: Final = re.compile(r"(?<!\S)([#№])\s+(?=[0-9０-９])")
"""A sign for "number" that stands apart from it."""
# Between two letters an apostrophe is one: don't.
_APOSTROPHE: Final = r"(?<=\w)'(?=\w)"
_PIECE: Final = re.compile(
    rf""""([^"]*)("?)|'((?:[^']|{_APOSTROPHE})*)('?)|((?:[^\s"']|{_APOSTROPHE})+)|\s+"""
)


class SplitText(NamedTuple):
    """A line, split."""

    words: list[str]
    unclosed: bool
    """A quote was opened and not closed; the last word then runs to the end of the text."""


def plain(text: str) -> str:
    """The text as it was meant: Slack's three entities undone, straight quotes, nothing invisible,
    names without code marks."""
    if "&" in text:
        text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    text = straight(text)
    if "`" in text:
        text = _TICKED.sub(r"\1", text)
    # A line pasted with its code marks.
    return _APART.sub(r"\1", text.strip().strip("`"))


def straight(text: str) -> str:
    """The text with straight quotes and nothing invisible."""
    return text if text.isascii() else text.translate(_PLAIN)


def split(text: str) -> SplitText:
    """The words of a `plain` text. Any Unicode space separates, quotes group, a backslash means nothing."""
    if '"' not in text and "'" not in text:
        return SplitText(text.split(), unclosed=False)
    words: list[str] = []
    current: str | None = None
    unclosed = False
    for piece in _PIECE.finditer(text):
        double, double_end, single, single_end, bare = piece.groups()
        if double is not None:
            current = (current or "") + double
            unclosed = not double_end
        elif single is not None:
            current = (current or "") + single
            unclosed = not single_end
        elif bare is not None:
            current = (current or "") + bare
        elif current is not None:
            words.append(current)
            current = None
    if current is not None:
        words.append(current)
    return SplitText(words, unclosed)
