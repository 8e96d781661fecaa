"""`python -m tests.known_faults`: is a fault known of what uv.lock names? Asked of PyPI by pip-audit.

Fails only for a fault that is known. Where the service cannot be asked, a line says so.
"""

import json
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

LOCK: Final = Path(__file__).parent.parent / "uv.lock"
_SECONDS: Final = 120
Run = Callable[[Sequence[str]], str]
"""Runs a program within some time and returns what it said on stderr. Raises `OSError` where it cannot,
`subprocess.TimeoutExpired` where it takes longer."""


def pinned(lock: str) -> list[str]:
    """`name==version` of everything that comes from a registry."""
    packages = tomllib.loads(lock)["package"]
    return [f"{one['name']}=={one['version']}" for one in packages if "registry" in one["source"]]


def audit(run: Run, lock: str, say: Callable[[str], None]) -> int:
    """1 where a fault is known of a version that `lock` names; each is a line."""
    with tempfile.TemporaryDirectory() as folder:
        asked, answer = Path(folder, "pinned.txt"), Path(folder, "answer.json")
        asked.write_text("\n".join(pinned(lock)), encoding="utf-8")
        options = ("--no-deps", "--disable-pip", "--progress-spinner", "off", "--timeout", "15")
        form = ("--format", "json", "--output", str(answer))
        try:
            said = run([sys.executable, "-m", "pip_audit", "--requirement", str(asked), *options, *form])
        except (OSError, subprocess.TimeoutExpired) as error:
            said = type(error).__name__
        found = json.loads(answer.read_text(encoding="utf-8")) if answer.is_file() else None
    if found is None:
        say(f"Dependencies were not audited: {_last_line(said)}")
        return 0
    return _judged(found["dependencies"], say)


def _judged(dependencies: Sequence[Mapping[str, Any]], say: Callable[[str], None]) -> int:
    unknown = [one["name"] for one in dependencies if "skip_reason" in one]
    known = len(dependencies) - len(unknown)
    faults = [(one, fault) for one in dependencies for fault in one.get("vulns", ())]
    for one, fault in faults:
        mended = ", ".join(fault.get("fix_versions", ())) or "no version yet"
        say(f"{one['name']} {one['version']}: {fault['id']}, mended in {mended}")
    if not known:
        say("Dependencies were not audited: the service that answers knows none of them.")
    elif not faults:
        left = f" Of {', '.join(unknown)} the service knows nothing." if unknown else ""
        say(f"Dependencies audited: {known}, no fault is known.{left}")
    return 1 if faults else 0


def _last_line(said: str) -> str:
    return (said.strip().splitlines() or ["no answer"])[-1][:300]


def _run(command: Sequence[str]) -> str:
    done = subprocess.run(  # noqa: S603 - arguments of our own
        command, capture_output=True, encoding="utf-8", errors="replace", timeout=_SECONDS, check=False
    )
    return done.stderr


if __name__ == "__main__":
    sys.exit(audit(_run, LOCK.read_text(encoding="utf-8"), print))
