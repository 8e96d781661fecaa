"""PlanetScale's error texts can quote values of rows. They are taken out where a text comes in.

Not by what a value looks like, for it can look like anything, but by what may stay (`may_stay.py`): words
that errors are made of, names that are known or stand where a message has a name, numbers of errors. All else
that is quoted, listed, bound or unknown becomes an ellipsis. Of a statement its verb and its table stay.

A text without any syntax is prose: every plain word of it stays.
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from bot.credentials import without_credentials
from bot.planetscale.may_stay import CUT, AllowedWords, WordBefore

LONGEST: Final = 4_000
"""Characters. No message that people can use is longer, and Slack takes less."""

_IDENTIFIER: Final = r"`?[A-Za-z_$][\w$-]{0,63}`?"
_TABLE: Final = rf"{_IDENTIFIER}(?:\.{_IDENTIFIER}){{0,2}}"
_COLUMNS: Final = rf"\(\s*{_IDENTIFIER}(?:\s*,\s*{_IDENTIFIER})*\s*\)"
_ENDS: Final = r"(?=\s*\((?:errno|sqlstate|CallerID)\b|\Z)"

_STATEMENT: Final = re.compile(
    rf"""(?P<head>
        (?:insert|replace)\s+(?:ignore\s+)?into\s+{_TABLE}(?:\s*{_COLUMNS})?(?P<values>\s*\bvalues?\b)?
        |update\s+(?:ignore\s+)?{_TABLE}(?=\s+set\b)
        |delete\s+from\s+{_TABLE}
        |select\b(?=.*?\bfrom\b)
    )(?P<rest>.*?){_ENDS}""",
    re.IGNORECASE | re.DOTALL | re.VERBOSE | re.ASCII,
)
_BEGINNINGS: Final = frozenset("irudsIRUDS")
"""With one of these begins whatever `_STATEMENT` matches; to try it everywhere takes far longer."""
# MySQL does not escape what it quotes: such a value ends where the last of these begins.
_UNESCAPED: Final = re.compile(
    r"""(\b(?:entry|values?)\b:?\s*)(['"`]).*\2(?=\s+(?:for\s+(?:key|column|function)|in)\b)""",
    re.IGNORECASE | re.DOTALL,
)
_NUMBERS_OF_ERRORS: Final = re.compile(r"\((?:errno|sqlstate)\s\w{1,5}\)")
_SYNTAX: Final = re.compile(
    r"""["`“”‘«=\[\]{}()<>@\\|]|(?<!\w)'|(?<=\w)'(?!\w)
    |\b(?:values?|pars(?:e|ing)|convert(?:ing)?|rows?:|literal|password|token|secret)\b""",
    re.IGNORECASE | re.VERBOSE,
)
"""With any of these a text may hold more than prose."""
_TOKEN: Final = re.compile(
    r"""(?P<space>\s+)
    |(?P<quoted>(?P<quote>['"`])(?:\\.|(?!(?P=quote)(?!\w)).)*(?:(?P=quote)|\Z)|“[^”]*”?|‘[^’]*’?|«[^»]*»?)
    |(?P<sign>[(){}\[\],;=<>|”»…])
    |(?P<word>(?:[^\s'"`(){}\[\],;=<>|“”‘«»…]|(?<=[^\W\d_])'(?=(?:s|t|re|ve|ll|d|m)\b))+)
    |(?P<odd>.)""",
    re.DOTALL | re.VERBOSE,
)
_CLOSING: Final = {"(": ")", "[": "]", "{": "}"}
_RUNS: Final = re.compile(rf"{CUT}(?:[\s,;:&/+*@.-]*{CUT})+")
_GROUPS: Final = re.compile(rf"(\({CUT}\))(?:[\s,]*\({CUT}\))+")


def without_row_values(text: str, names: Iterable[str] = ()) -> str:
    """`text` with everything that may be a value of a row, or a credential, replaced by an ellipsis.

    `names` (of keyspaces, tables, shards) are known to be no values. At most `LONGEST` characters are kept.
    Cleaning what is clean already changes nothing.
    """
    whole = text if len(text) <= LONGEST else text[: LONGEST - 1] + CUT
    return _cleaned(whole, frozenset(filter(None, names)))


@lru_cache(maxsize=1024)
def _cleaned(whole: str, names: frozenset[str]) -> str:
    """Kept for the latest texts: read after read they are the same, and so they are in the rows."""
    visible = whole if whole.isascii() else "".join(filter(_is_seen, whole))
    safe = _UNESCAPED.sub(rf"\1{CUT}", without_credentials(visible, CUT))
    read = _Reader(safe, names).read()
    return _GROUPS.sub(r"\1", _RUNS.sub(CUT, read))


def _is_seen(sign: str) -> bool:
    return unicodedata.category(sign) not in {"Cf", "Cs"}


class _Reader:
    """Goes through a text once, from left to right, and keeps what may stay."""

    def __init__(self, text: str, names: frozenset[str]) -> None:
        self._text = text
        self._allowed = AllowedWords(
            names,
            prose=not _SYNTAX.search(_NUMBERS_OF_ERRORS.sub("", text)),
            duplicate="duplicate" in text.casefold(),
        )
        self._context = WordBefore()
        self._closing: list[str] = []
        """The brackets that have to close until the end of a list, all of which is cut."""
        self._kept: list[str] = []

    def read(self) -> str:
        at = 0
        while at < len(self._text):
            statement = self._statement(at)
            if statement:
                self._take_statement(statement)
                at = statement.end()
                continue
            token = _TOKEN.match(self._text, at)
            assert token is not None  # noqa: S101 - the last alternative takes any sign
            self._take(token)
            at = token.end()
        return "".join(self._kept)

    def _statement(self, at: int) -> re.Match[str] | None:
        if self._closing or self._text[at] not in _BEGINNINGS or (at and self._text[at - 1].isalnum()):
            return None
        return _STATEMENT.match(self._text, at)

    def _take_statement(self, found: re.Match[str]) -> None:
        rest = f" ({CUT})" if found["values"] else f" {CUT}" if found["rest"].strip() else ""
        self._kept.append(found["head"] + rest)
        self._context = WordBefore()

    def _take(self, token: re.Match[str]) -> None:
        kind, text = token.lastgroup or "", token.group()
        if self._closing:
            self._skip(kind, text)
        elif kind == "space":
            self._kept.append(text)
            self._context.space(text)
        elif kind == "quoted":
            self._kept.append(text if self._allowed.quoted(text, self._context) else CUT)
            self._context.word("")
        elif kind == "sign":
            self._sign(text)
        else:
            after = self._text[token.end() : token.end() + 20]
            self._kept.append(self._allowed.word(text, self._context, after))

    def _sign(self, sign: str) -> None:
        self._kept.append(sign)
        if sign in "[{" or (sign == "(" and self._context.lists):
            self._kept.append(CUT)
            self._closing.append(_CLOSING[sign])
        self._context.sign(sign)

    def _skip(self, kind: str, text: str) -> None:
        """Within a list: nothing is kept but the sign that closes it."""
        if kind != "sign":
            return
        if text in _CLOSING:
            self._closing.append(_CLOSING[text])
        elif text == self._closing[-1]:
            self._closing.pop()
            if not self._closing:
                self._kept.append(text)
