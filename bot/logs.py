"""One structured line an event, on stdout, with every secret blacked out.

The known ones by what they are, others by what they look like (`bot.credentials`).
"""

import logging
import sys
from collections.abc import Hashable, Sequence
from typing import Any, TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from bot.clock import Clock, SystemClock
from bot.credentials import without_credentials
from bot.runtime.figures import NO_FIGURES, Figures
from bot.runtime.sampled import Sampled

_MARK = "[secret]"

_NOISY = (
    "alembic",
    "httpx",
    "httpcore",
    "slack_bolt",
    "slack_sdk",
    "uvicorn",
    "asyncio",
    "aiohttp",
)


_OTHER = "other"
"""What a library's line counts as: it may say anything. The bot's own begin with words of the code."""
_KINDS = 1000
"""So many different warnings are told apart; beyond that the oldest may be told again."""


def configure_logs(
    level: str,
    form: str,
    secrets: Sequence[str] = (),
    stream: TextIO | None = None,
    clock: Clock | None = None,
    figures: Figures = NO_FIGURES,
) -> None:
    """Send the bot's and its libraries' log lines to `stream` (stdout) as `json` or `console` lines.

    The libraries speak only from warnings on: their information lines can hold request bodies. A warning or
    an error that goes on and on is one line a minute, with how often it came; `figures` hears of each.
    """
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        _Redactor(secrets),
    ]
    renderer: Processor = (
        structlog.processors.JSONRenderer() if form == "json" else structlog.dev.ConsoleRenderer(colors=False)
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream or sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.ExtraAdder(), *shared],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    handler.addFilter(_Counting(figures))
    handler.addFilter(_OnceAMinute(clock or SystemClock()))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name in _NOISY:
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))
    # It warns of each job that is skipped while the one before is still at it: here that is as it should be.
    logging.getLogger("apscheduler").setLevel(max(logging.ERROR, root.level))


class _Counting(logging.Filter):
    """Lets everything through, and tells the figures of warnings and errors."""

    def __init__(self, figures: Figures) -> None:
        super().__init__()
        self._figures = figures

    def filter(self, record: logging.LogRecord) -> bool:
        if record.levelno >= logging.WARNING:
            event = str(record.msg.get("event")) if isinstance(record.msg, dict) else _OTHER
            self._figures.logged("error" if record.levelno >= logging.ERROR else "warning", event)
        return True


class _OnceAMinute(logging.Filter):
    """Lets the same warning or error through once a minute."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._clock = clock
        self._kinds: dict[Hashable, Sampled] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        if record.levelno < logging.WARNING:
            return True
        kind = _kind(record)
        if kind not in self._kinds and len(self._kinds) >= _KINDS:
            del self._kinds[next(iter(self._kinds))]
        count = self._kinds.setdefault(kind, Sampled(self._clock)).due()
        if count > 1 and isinstance(record.msg, dict):
            record.msg = record.msg | {"times": count}
        return count > 0


def _kind(record: logging.LogRecord) -> Hashable:
    """What makes two lines the same: all that they say but when, and where in the code it went wrong."""
    if not isinstance(record.msg, dict):
        return record.name, record.getMessage(), str(record.exc_info and record.exc_info[1])
    fields = {**record.msg, "timestamp": None}
    fields["exception"] = str(fields.get("exception", "")).rpartition("\n")[2]
    return record.name, repr(sorted((name, repr(value)) for name, value in fields.items()))


class _Redactor:
    """Replaces every secret wherever it stands in an event, also inside tracebacks."""

    def __init__(self, secrets: Sequence[str]) -> None:
        self._secrets = tuple(sorted((secret for secret in secrets if secret), key=len, reverse=True))

    def __call__(self, _logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
        return {key: self._clean(value) for key, value in event.items()}

    def _clean(self, value: Any) -> Any:
        if isinstance(value, (int, float, bool)) or value is None:
            return value
        if isinstance(value, logging.LogRecord):
            return value
        text = value if isinstance(value, str) else repr(value)
        for secret in self._secrets:
            text = text.replace(secret, _MARK)
        text = without_credentials(text, _MARK)
        return text if isinstance(value, str) or text != repr(value) else value
