"""`make check` audits the dependencies: red for a known fault, never for a network that is not there."""

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.known_faults import LOCK, audit, pinned

LOCKED = """
[[package]]
name = "sound"
version = "1.0"
source = { registry = "https://pypi.org/simple" }
[[package]]
name = "workflow-bot"
source = { editable = "." }
[[package]]
name = "old"
version = "0.9"
source = { registry = "https://pypi.org/simple" }
"""
SOUND: dict[str, Any] = {"name": "sound", "version": "1.0", "vulns": []}
FAULTY: dict[str, Any] = {
    "name": "old",
    "version": "0.9",
    "vulns": [{"id": "PYSEC-1", "fix_versions": ["1.0"]}],
}
UNKNOWN: dict[str, Any] = {"name": "old", "skip_reason": "not found"}


def answering(*dependencies: dict[str, Any]) -> Any:
    """A pip-audit that found this."""

    def run(command: Sequence[str]) -> str:
        asked = Path(command[command.index("--requirement") + 1])
        assert asked.read_text(encoding="utf-8").split() == ["sound==1.0", "old==0.9"]
        answer = Path(command[command.index("--output") + 1])
        answer.write_text(json.dumps({"dependencies": dependencies}), encoding="utf-8")
        return ""

    return run


def without_network(_: Sequence[str]) -> str:
    return "Traceback …\nConnectionError: pypi.org\n"


def slow(command: Sequence[str]) -> str:
    raise subprocess.TimeoutExpired(command, 1)


@pytest.mark.parametrize(
    ("run", "code", "said"),
    [
        (answering(SOUND, FAULTY), 1, "old 0.9: PYSEC-1, mended in 1.0"),
        (answering(SOUND), 0, "Dependencies audited: 1, no fault is known."),
        (answering(SOUND, UNKNOWN), 0, "Of old the service knows nothing."),
        (answering(UNKNOWN), 0, "Dependencies were not audited: the service that answers knows none"),
        (without_network, 0, "Dependencies were not audited: ConnectionError: pypi.org"),
        (slow, 0, "Dependencies were not audited: TimeoutExpired"),
    ],
)
def test_what_an_audit_says(run: Any, code: int, said: str) -> None:
    """A known fault is named and fails the check; what could not be asked is said and fails nothing."""
    lines: list[str] = []
    assert audit(run, LOCKED, lines.append) == code
    assert said in "\n".join(lines)


def test_everything_is_pinned() -> None:
    """Each dependency of the lock has one version, with hashes."""
    lock = LOCK.read_text(encoding="utf-8")
    names = [one.partition("==")[0] for one in pinned(lock)]
    assert len(names) == len(set(names)) > 50
    assert lock.count('hash = "sha256:') > len(names)
