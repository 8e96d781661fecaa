"""Words → a `TypedLine`: which are flags, with which values. What the flags mean is decided later."""

import re
from typing import Final

from bot.commands import flags
from bot.commands.errors import TypedLine, UsageError, Used
from bot.commands.names import DASHES, plain_hyphens
from bot.commands.nearest import nearest
from bot.commands.shapes import Flag, ValueKind

_FLAG: Final = re.compile(rf"([{re.escape(DASHES)}]+)(.*)", re.DOTALL)
_NAME: Final = re.compile(r"[\w-]{0,40}", re.ASCII)
_TRUE: Final = frozenset({"true", "t", "1"})
_FALSE: Final = frozenset({"false", "f", "0"})


def scan(words: list[str]) -> TypedLine:
    """Sort a line. Never raises: what is wrong with its flags is noted in the `TypedLine`."""
    return _Scanner(words).line()


def truth(value: str) -> bool | None:
    """What a switch's value says, as the CLI reads it but in any case; ``None`` if it says neither."""
    value = value.lower()
    return True if value in _TRUE else False if value in _FALSE else None


def dashed(word: str) -> tuple[str, str]:
    """The dashes at a word's start, as they were meant (``""``, ``-``, ``--``), and the rest."""
    match = _FLAG.match(word)
    if match is None:
        return "", word
    dashes, rest = match.groups()
    return ("-" if dashes == "-" else "--"), rest


class _Scanner:
    def __init__(self, words: list[str]) -> None:
        self._words = words
        self._at = 0
        self._plain: list[str] = []
        self._used: list[Used] = []
        self._help = False
        self._wrong: UsageError | None = None
        self._repaired = True
        self._waiting: Flag | None = None

    def line(self) -> TypedLine:
        while self._at < len(self._words):
            word = self._words[self._at]
            self._at += 1
            if not _looks_like_flag(word):
                self._plain.append(word)
            elif self._flag(word):
                self._plain += self._words[self._at :]
                break
        return TypedLine(
            tuple(self._plain), tuple(self._used), self._help, self._wrong, self._repaired, self._waiting
        )

    def _flag(self, word: str) -> bool:
        """Take a flag; true if it is the one that ends all flags."""
        dashes, rest = dashed(word)
        if not rest:
            return True
        name, equals, value = rest.partition("=")
        name = plain_hyphens(name).lower()
        given = value if equals else None
        if len(name) == 1:
            self._short(name, given, "")
        elif name in flags.BY_NAME:
            if dashes == "-" and name != flags.HELP.name:
                self._note(_one_dash(flags.BY_NAME[name]), repaired=True)
            self._take(flags.BY_NAME[name], given)
        elif dashes == "-":
            self._short(rest[0].lower(), None, rest[1:])
        else:
            self._unknown(name, given)
        return False

    def _short(self, letter: str, given: str | None, rest: str) -> None:
        """Take ``-f`` with its value, or a bundle such as ``-ih``."""
        while (
            (flag := flags.BY_SHORT.get(letter)) and flag.kind is ValueKind.SWITCH and rest and rest[0] != "="
        ):
            self._take(flag, "true")
            letter, rest = rest[0].lower(), rest[1:]
        if flag is None:
            shown = letter if letter.isascii() and letter.isprintable() else "…"
            meant = next((one.spelled for one in flags.GLOBAL if one.name.startswith(letter)), None)
            self._note(UsageError(f"There is no flag -{shown}.", meant), repaired=False)
        else:
            self._take(flag, rest.removeprefix("=") if rest else given)

    def _take(self, flag: Flag, given: str | None) -> None:
        if flag.kind is ValueKind.SWITCH:
            self._switch(flag, given)
            return
        value = self._next() if given is None else given
        if flag.kind is ValueKind.LIST:
            value = self._list_goes_on(value)
        if not value:
            self._waiting = flag if given is None and self._at == len(self._words) else None
            self._note(UsageError(f"{flag.spelled} needs a value: {flag.placeholder}."), repaired=False)
        else:
            self._used.append(Used(flag, value, len(self._plain)))

    def _switch(self, flag: Flag, given: str | None) -> None:
        if given is None and self._peek().lower() in ("true", "false"):
            given = self._next().lower()
            says = f"{flag.spelled} takes its value after “=”: {flag.spelled}={given}."
            self._note(UsageError(says), repaired=True)
        if flag is flags.HELP:
            self._help = self._help or given is None or truth(given) is not False
        else:
            self._used.append(Used(flag, "true" if given is None else given))

    def _list_goes_on(self, value: str) -> str:
        """Chat habit: a space after a comma does not end the list."""
        while (value.endswith(",") and self._peek()) or self._peek().startswith(","):
            value += self._next()
        return value

    def _unknown(self, name: str, given: str | None) -> None:
        """Never repeats what stands after the name: it may be a secret. Mends one slip in a line, no more."""
        if self._wrong is not None:
            self._repaired = False
            return
        match = _NAME.match(name)
        near = nearest(name, flags.BY_NAME)
        meant = flags.BY_NAME[near.word] if near else None
        self._note(
            UsageError(f"There is no flag --{match[0] if match else ''}.", _hinted(meant) if meant else None),
            repaired=False,
        )
        if near and near.clear and meant and meant.kind is ValueKind.SWITCH and given is None:
            self._repaired = True
            self._switch(meant, None)

    def _note(self, wrong: UsageError, *, repaired: bool) -> None:
        self._wrong = self._wrong or wrong
        self._repaired = self._repaired and repaired

    def _peek(self) -> str:
        """The next word if it can be a value, else an empty one."""
        following = self._words[self._at] if self._at < len(self._words) else ""
        return "" if _looks_like_flag(following) else following

    def _next(self) -> str:
        following = self._peek()
        self._at += bool(following)
        return following


def _one_dash(flag: Flag) -> UsageError:
    if _hinted(flag) is None:
        return UsageError(f"There is no flag -{flag.name}.")
    return UsageError(f"{flag.spelled} takes two dashes.", _hinted(flag))


def _hinted(flag: Flag) -> str | None:
    """How the flag is spelled, where it may be suggested: nobody is led to `--force` by a slip."""
    return None if flag is flags.FORCE else flag.spelled


def _looks_like_flag(word: str) -> bool:
    return word[:1] in DASHES and word not in ("", "-")
