"""What one read proves about an action that was sent."""

from dataclasses import dataclass
from enum import Enum


class Proof(Enum):
    """What is proven."""

    HAPPENED = "H"
    UNDER_WAY = "U"
    NOT_SEEN = "N"
    """State and evidence are as they were. It may still happen late."""
    TAKEN = "T"
    """The evidence changed but the state is one that it had before: not begun yet, or gone back."""
    CONFLICT = "X"
    FAILED = "E"
    """It was taken and ended in an error; part of it may be done."""
    NO_VERDICT = "?"
    """Nothing was learned."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one read proves, and what has to be said with it."""

    proof: Proof
    since_changed: bool = False
    """It was in place and something else happened since."""
    taken_along: bool = False
    """It is in place, and a larger action that somebody asked for elsewhere does as much."""
    half_done: bool = False
    """Part of it is done. If it stays like that, a person is needed."""
    tables_may_be_gone: bool = False
    done_by: str | None = None
    """Somebody else did it, by PlanetScale's name for them: never "succeeded"."""

    @property
    def remark(self) -> str | None:
        """A fragment that belongs beside the outcome, or `None`."""
        if self.proof is Proof.HAPPENED and (self.done_by or self.since_changed):
            by = f", done by {self.done_by}" if self.done_by else ""
            return f"in place{by}{', since changed' if self.since_changed else ''}"
        if self.proof in {Proof.CONFLICT, Proof.FAILED} and self.done_by:
            return f"PlanetScale names {self.done_by}"
        if self.half_done:
            return "half done"
        return "source tables may be gone" if self.tables_may_be_gone else None


NO_VERDICT = Verdict(Proof.NO_VERDICT)
