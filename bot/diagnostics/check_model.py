"""The form of a check: a name, and a coroutine that tries one thing and says what it found."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from slack_sdk.web.async_client import AsyncWebClient

from bot.approvals.policy import Policy
from bot.clock import Clock
from bot.settings import Settings


class Status(StrEnum):
    """What a finding means for the bot."""

    OK = "ok"
    WARNING = "warning"
    """The bot works with it; whether it is meant so, only people know."""
    PROBLEM = "problem"
    """The bot, or a part of it, does not work with it, or keeps no secret with it."""
    NOT_TRIED = "not tried"
    """What could not be tried, for a reason that is none of the bot's."""


@dataclass(frozen=True, slots=True)
class DiagnosticFinding:
    """One line for the person who sets the bot up: what is so, and if it is not right, what to do."""

    text: str
    status: Status = Status.OK
    about: str = ""
    """Which one of several it is about, where the check's name does not say it."""


def good(text: str, *, about: str = "") -> DiagnosticFinding:
    """A thing that is as it should be."""
    return DiagnosticFinding(text, about=about)


def warning(text: str) -> DiagnosticFinding:
    """A thing that the bot can work with, and that can hardly be meant."""
    return DiagnosticFinding(text, Status.WARNING)


def problem(text: str, *, about: str = "") -> DiagnosticFinding:
    """A thing that has to be mended. `text` says what to do."""
    return DiagnosticFinding(text, Status.PROBLEM, about)


def not_tried(text: str) -> DiagnosticFinding:
    """A thing of which nothing is known. `text` says why."""
    return DiagnosticFinding(text, Status.NOT_TRIED)


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
