"""What holds for every test."""

import gc
import sys
from collections import Counter, defaultdict
from pathlib import PurePosixPath

import pytest
from hypothesis import HealthCheck, settings

from tests.store.statements import statements_once

__all__ = ["statements_once"]

settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")
"""How fast the machine is just now proves nothing about the bot."""


sys.modules.setdefault("sniffio", None)  # type: ignore[arg-type]
"""httpcore asks for it at each request, and not being installed it is looked for in all folders each time."""


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
