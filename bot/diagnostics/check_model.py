"""The form of a check: a name, and a coroutine that tries one thing and says what it found."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from slack_sdk.web.async_client import AsyncWebClient

from bot.approvals.policy import Policy
from bot.clock import Clock
from bot.settings import Settings


@dataclass(frozen=True, slots=True)
class DiagnosticFinding:
    """One line for the person who sets the bot up: what is so, and if it is not right, what to do."""

    text: str
    works: bool = True
    about: str = ""
    """Which one of several it is about, where the check's name does not say it."""


def good(text: str) -> DiagnosticFinding:
    """A thing that is as it should be, or that the bot can work with."""
    return DiagnosticFinding(text)


def problem(text: str, *, about: str = "") -> DiagnosticFinding:
    """A thing with which the bot cannot work. `text` says what to do."""
    return DiagnosticFinding(text, works=False, about=about)


@dataclass(frozen=True, slots=True)
class DiagnosticSubject:
    """What is looked at."""

    settings: Settings
    policy: Policy
    slack: AsyncWebClient
    clock: Clock


Trial = Callable[[DiagnosticSubject], Awaitable[Sequence[DiagnosticFinding]]]


@dataclass(frozen=True, slots=True)
class Check:
    """One thing to try. It changes nothing anywhere, and raises nothing that it knows of."""

    name: str
    """With what each of its lines begins; several checks may have the same."""
    trial: Trial
    needs: Trial | None = None
    """The trial without which this one could only repeat what that one said: it is left out then."""
