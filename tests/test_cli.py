"""The commands of the processes, as somebody types them."""

from pathlib import Path

import pytest

from bot.cli import main
from tests.test_upkeep import NOBODY_ANSWERS


@pytest.mark.parametrize("role", ["web", "worker"])
def test_several_processes_on_sqlite(
    role: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """A SQLite file has one process: the others end at once, with a line that names the one that works."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DATABASE_URL", raising=False)
    for name, value in NOBODY_ANSWERS.items():
        monkeypatch.setenv(name, value)
    assert main([role]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err == (
        f"workflow-bot {role} needs PostgreSQL: a SQLite file has one process, which is workflow-bot run.\n"
    )
    assert list(tmp_path.iterdir()) == []
