"""What of an error's text may stay: known words, names and numbers, by what stands before them."""

import re
from dataclasses import dataclass
from typing import Final

from bot.planetscale.plain_words import PLAIN_WORDS

CUT: Final = "…"

_NAME: Final = re.compile(r"[A-Za-z_$][\w$-]{0,63}(?:\.[A-Za-z_$][\w$-]{0,63}){0,2}", re.ASCII)
_WORD: Final = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_CAMEL: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_SHARD: Final = re.compile(r"(?:[0-9a-f]{2}){0,8}-(?:[0-9a-f]{2}){0,8}|0")
_TABLET: Final = re.compile(r"[a-z][a-z0-9_]{0,15}-\d{10}")
_NUMBER: Final = re.compile(r"\d{1,6}(?:\.\d{1,6})?")
_SMALL_NUMBER: Final = re.compile(r"\d{1,3}", re.ASCII)
_CODE_OF_ERROR: Final = re.compile(r"VT\d{5}|MY-\d{6}|ER_[A-Z_]{3,60}")
_SQLSTATE: Final = re.compile(r"(?:\d\d|HY|XA|IM|0[A-Z])[0-9A-Z]{3}")
_QUANTITY: Final = re.compile(r"(?:\d+h)?(?:\d+m)?\d+(?:\.\d+)?(?:%|ns|µs|us|ms|s|m|h|[KMGT]i?B|B)")
_PAGE: Final = re.compile(
    r"https?://(?:[\w-]+\.)*(?:planetscale\.com|vitess\.io|mysql\.com)(?:/[\w./#-]*)?", re.ASCII
)

_NAMING: Final = frozenset(
    (
        "branch",
        "column",
        "columns",
        "constraint",
        "database",
        "field",
        "function",
        "index",
        "keyspace",
        "partition",
        "plugin",
        "references",
        "sequence",
        "shard",
        "table",
        "tables",
        "trigger",
        "view",
        "vindex",
        "workflow",
    )
)
"""Words after which a message of MySQL, Vitess or PlanetScale has a name."""
_NUMBERED: Final = frozenset(("attempt", "errno", "error", "http", "line", "retry", "try"))
_NUMBERED_PAIRS: Final = frozenset(
    [("at", "row"), ("error", "code"), ("exit", "code"), ("http", "status"), ("status", "code")]
)
_UNIT: Final = re.compile(
    r"\s+(?:attempts|bytes|days|hours|m(?:icro|illi)?seconds?|minutes|percent|retries|rows|sec(?:ond)?s?|shards"
    r"|streams|tables|tablets|times|tries)\b",
    re.IGNORECASE,
)
_PLACES: Final = frozenset(("field list", "where clause", "on clause", "order clause", "having clause"))
"""What MySQL quotes although it is neither a name nor a value: "in 'field list'"."""
_CODES: Final = frozenset(
    (
        "aborted",
        "alreadyexists",
        "canceled",
        "cancelled",
        "clusterevent",
        "dataloss",
        "deadlineexceeded",
        "failedprecondition",
        "internal",
        "invalidargument",
        "notfound",
        "ok",
        "outofrange",
        "permissiondenied",
        "resourceexhausted",
        "unauthenticated",
        "unavailable",
        "unimplemented",
        "unknown",
    )
)
"""gRPC's, as in "code = Unknown desc = …"."""
_MESSAGES: Final = frozenset(("desc", "err", "error", "reason"))
"""What is bound to these is a message again."""


@dataclass(slots=True)
class WordBefore:
    """What was read just before."""

    before: str = ""
    """The last word that stayed, in small letters; empty after anything else."""
    further: str = ""
    """The one before it."""
    bound: bool = False
    """A value comes next: after "="."""
    opened: bool = False
    """In a place where only the items of a list stand."""
    begins: bool = True
    """At the beginning of a sentence."""

    @property
    def lists(self) -> bool:
        """Whether what is in brackets now is a list of values."""
        return self.bound or self.before in {"values", "value", "in", "row"}

    def space(self, text: str) -> None:
        self.begins = self.begins or "\n" in text

    def sign(self, sign: str) -> None:
        self.bound = sign in "=<>" and self.before not in _MESSAGES and sign != ">"
        self.opened = sign in "(,"
        if sign not in "=(":
            self.before = self.further = ""

    def word(self, word: str, ends: str = "") -> None:
        self.before, self.further = word, self.before
        if ":" in ends and word not in _NUMBERED:
            self.before = self.further = ""
        self.bound = self.opened = False
        self.begins = any(sign in ends for sign in ".:!?")


@dataclass(frozen=True, slots=True)
class AllowedWords:
    """What may stay in one text."""

    names: frozenset[str]
    prose: bool
    """It has no syntax in which a value could stand: plain words stay, known or not."""
    duplicate: bool
    """It speaks of a duplicate: what stands after "for key" is a key's name."""

    def quoted(self, text: str, context: WordBefore) -> bool:
        """Whether something in quotes may stay."""
        inner = text[1:-1]
        if len(text) < 2 or context.bound:
            return False
        if inner in self.names or all(self._name(part) for part in inner.split(".")):
            return True
        if (text[0] == "`" and self._known(inner)) or (context.before == "in" and inner.lower() in _PLACES):
            return True
        return self._named(context) and _NAME.fullmatch(inner) is not None

    def word(self, text: str, context: WordBefore, after: str) -> str:
        """What of a word without spaces may stay: itself, a part of it, or an ellipsis."""
        core = text.rstrip(".:!?")
        ends = text[len(core) :]
        if not any(sign.isalnum() for sign in core):
            context.begins = context.begins or ":" in text
            return text
        kept = self._kept(core, context, after)
        context.word(core.lower() if kept == core else "", ends)
        if kept == core and _numbered(core, context.further, ""):
            context.before = "sqlstate"
        return kept + ends

    def _kept(self, core: str, context: WordBefore, after: str) -> str:
        if context.bound:
            return core if _bound(core, context.before) else CUT
        if _PAGE.fullmatch(core) or self._plain(core, context) or self._in_place(core, context, after):
            return core
        left, colon, _ = core.partition(":")
        return f"{left}:{CUT}" if colon and self._known(left) else CUT

    def _plain(self, core: str, context: WordBefore) -> bool:
        if self._known(core):
            return True
        if not self.prose:
            return False
        if _WORD.fullmatch(core):
            return core.islower() or context.begins
        return _SMALL_NUMBER.fullmatch(core) is not None

    def _in_place(self, core: str, context: WordBefore, after: str) -> bool:
        """What may stay by what stands before or after it."""
        before = context.before
        if _numbered(core, before, context.further):
            return True
        if not context.opened and (_QUANTITY.fullmatch(core) or (core.isdecimal() and _UNIT.match(after))):
            return True
        if before in {"shard", "shards", "stream"} and _SHARD.fullmatch(core):
            return True
        if before in {"tablet", "alias", "primary", "replica"} and _TABLET.fullmatch(core):
            return True
        return self._named(context) and _NAME.fullmatch(core) is not None

    def _named(self, context: WordBefore) -> bool:
        before, further = context.before, context.further
        if before == "key":
            return further == "for" and self.duplicate
        return before in _NAMING or (before == "name" and further in _NAMING)

    def _known(self, text: str) -> bool:
        """A name, a word, or made of both."""
        if text in self.names or text.lower() in PLAIN_WORDS:
            return True
        return all(self._name(part) or _of_words(part) for part in re.split(r"[./]", text))

    def _name(self, part: str) -> bool:
        bare = part.removesuffix("'s").removeprefix("vt_")
        return part in self.names or bare in self.names or part in {"_vt", "-"}


def _of_words(text: str) -> bool:
    if _is_plain(text) or _CODE_OF_ERROR.fullmatch(text):
        return True
    return all(_is_plain(part) for part in re.split(r"[_-]", text))


def _is_plain(word: str) -> bool:
    if word.lower().replace("’", "'") in PLAIN_WORDS:
        return True
    humps = _CAMEL.findall(word)
    if len(humps) < 2 or "".join(humps) != word:
        return False
    return all(hump.lower() in PLAIN_WORDS or len(hump) == 1 for hump in humps)


def _numbered(core: str, before: str, further: str) -> bool:
    if before == "sqlstate":
        return _SQLSTATE.fullmatch(core) is not None
    numbered = before in _NUMBERED or (further, before) in _NUMBERED_PAIRS
    return numbered and _NUMBER.fullmatch(core) is not None


def _bound(core: str, before: str) -> bool:
    """What may stay after "=": the number or the code of an error."""
    if before == "code":
        return core.lower() in _CODES or _NUMBER.fullmatch(core) is not None
    return before in {"errno", "sqlstate"} and _numbered(core, before, "")
