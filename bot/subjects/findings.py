"""What checks find, and what a whole run of them amounts to."""

from dataclasses import dataclass
from enum import IntEnum


class Level(IntEnum):
    """How much a finding weighs; a higher one is worse."""

    PASS = 0
    INFO = 1
    """What nobody can check here: said on the card, never a reason to stop."""
    WARN = 2
    """On the card."""
    WARN_FORCE = 3
    """On the card, and only with `--force`."""
    BLOCK = 4
    """Refused at once."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check says."""

    level: Level
    code: str
    """Stable, for comparing one run with another and for tests. A check may pass and warn under one code."""
    sentence: str
    """For people; moments as `bot.workflows.facts.moments` writes them, never an age: it is kept.

    It may hold names and words of PlanetScale: escape it.
    """
    highlight: str | None = None
    """Of a passed check: the words for the card's line, if it is one that matters most."""
    amount: int = 0
    """How much of it there is, where more is worse."""
    discreet: str | None = None
    """The sentence without PlanetScale's own words, which can contain values of rows, if it quotes them."""
    about: str | None = None
    """The name that it is about, where a code is about each of several."""

    @property
    def without_quotes(self) -> str:
        """What may be stored, logged or shown in a channel that keeps PlanetScale's words out."""
        return self.discreet or self.sentence


STATE = "state"
"""The code of what the state allows."""
VERIFIED_CLEAN = "fresh"
"""The code of a verification that need not be made again."""
DIFFERS = "differs"
"""The code of rows that a verification found to differ."""
OTHERS_WAIT = "others-wait"
"""Anybody can ask for something else at any time: that never overturns what is waiting."""

_SAY_NOTHING = frozenset({"read", "known-state", STATE, "tables", "outcome", "twin", OTHERS_WAIT})
"""Checks that pass whenever a card is drawn at all: that it was read and named, that nobody else asks."""


@dataclass(frozen=True, slots=True)
class Report:
    """All findings of one run, in the order in which they are told."""

    findings: tuple[Finding, ...]

    @property
    def blocks(self) -> tuple[Finding, ...]:
        """Why it is refused; empty if it is not."""
        return self._at(Level.BLOCK)

    @property
    def warnings(self) -> tuple[Finding, ...]:
        """Warnings of both kinds."""
        return self._at(Level.WARN, Level.WARN_FORCE)

    @property
    def notes(self) -> tuple[Finding, ...]:
        """What cannot be checked here."""
        return self._at(Level.INFO)

    @property
    def passes(self) -> tuple[Finding, ...]:
        """The checks that passed: their sentences are in the card's details."""
        return self._at(Level.PASS)

    @property
    def telling(self) -> tuple[Finding, ...]:
        """Those of them that say something about this workflow: their number is on the card."""
        return tuple(finding for finding in self.passes if finding.code not in _SAY_NOTHING)

    @property
    def needs_force(self) -> bool:
        """Whether it goes on with `--force` only."""
        return bool(self._at(Level.WARN_FORCE))

    @property
    def highlights(self) -> tuple[str, ...]:
        """The passed checks that matter most, in the card's words."""
        return tuple(finding.highlight for finding in self.passes if finding.highlight)

    def worse_than(self, earlier: "Report") -> tuple[Finding, ...]:
        """The warnings and blocks that are new since `earlier`, or worse than they were.

        What got better is nothing.
        """
        before: dict[str, tuple[Level, int]] = {}
        for finding in earlier.findings:
            weight = (finding.level, finding.amount)
            before[finding.code] = max(weight, before.get(finding.code, weight))
        return tuple(
            finding
            for finding in (*self.blocks, *self.warnings)
            if finding.code != OTHERS_WAIT
            and (finding.level, finding.amount) > before.get(finding.code, (Level.PASS, 0))
        )

    def _at(self, *levels: Level) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.level in levels)


def passed(code: str, sentence: str, highlight: str | None = None) -> Finding:
    """A check that found nothing."""
    return Finding(Level.PASS, code, sentence, highlight)


def note(code: str, sentence: str) -> Finding:
    """Something that nobody can check here."""
    return Finding(Level.INFO, code, sentence)


def warn(code: str, sentence: str) -> Finding:
    """A warning."""
    return Finding(Level.WARN, code, sentence)


def warn_force(code: str, sentence: str) -> Finding:
    """A warning that needs `--force`."""
    return Finding(Level.WARN_FORCE, code, sentence)


def block(code: str, sentence: str, about: str | None = None) -> Finding:
    """A refusal. `about`: the name that is refused, where a code is about each of several."""
    return Finding(Level.BLOCK, code, sentence, about=about)
