"""What holds for every test."""

import gc
import os
import shutil
import sys
import tempfile
from asyncio import AbstractEventLoop
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from pathlib import Path, PurePosixPath

import pytest
import structlog
import uvloop
from hypothesis import HealthCheck, settings

from tests.no_secrets import everything_is_searched, pytest_runtest_makereport, pytest_runtest_teardown
from tests.store.statements import statements_once

__all__ = [
    "everything_is_searched",
    "pytest_runtest_makereport",
    "pytest_runtest_teardown",
    "statements_once",
]

settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")
"""How fast the machine is just now proves nothing about the bot."""


sys.modules.setdefault("sniffio", None)  # type: ignore[arg-type]
"""httpcore asks for it at each request, and not being installed it is looked for in all folders each time."""


IN_MEMORY = Path("/dev/shm")  # noqa: S108 - each test has a folder of its own in it
if IN_MEMORY.is_dir() and shutil.disk_usage(IN_MEMORY).free > 2**30:
    tempfile.tempdir = str(IN_MEMORY)
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(IN_MEMORY))
"""Where no commit waits for a disk; no test here pulls the plug."""


def pytest_configure() -> None:
    """The log as plain lines: to draw it in columns takes longer than what it tells."""
    lines = structlog.processors.KeyValueRenderer()
    structlog.configure(processors=[structlog.processors.format_exc_info, lines])


def pytest_asyncio_loop_factories() -> Mapping[str, Callable[[], AbstractEventLoop]]:
    """The loop that the bot runs on."""
    return {"uvloop": uvloop.new_event_loop}


def pytest_collection_finish() -> None:
    """What was collected stays to the end: no round of the garbage collector looks at it again."""
    gc.collect()
    gc.freeze()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how long each room took, the longest first."""
    seconds, tests = defaultdict[str, float](float), Counter[str]()
    for reports in terminalreporter.stats.values():
        for report in reports:
            if isinstance(report, pytest.TestReport):
                room = _room(report)
                seconds[room] += report.duration
                tests[room] += report.when == "call"
    terminalreporter.section("rooms")
    for room in sorted(seconds, key=seconds.__getitem__, reverse=True):
        terminalreporter.write_line(f"{seconds[room]:7.1f} s {tests[room]:6} tests  {room}")


def _room(report: pytest.TestReport) -> str:
    """The folder of tests/ that the test is in; the files beside these folders are one room."""
    folders = PurePosixPath(report.nodeid.partition("::")[0]).parts[1:-1]
    return f"tests/{folders[0] if folders else ''}"
