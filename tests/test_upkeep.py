"""`workflow-bot audit` and `migrate`, as somebody types them."""

import csv
from pathlib import Path

import pytest

from bot.cli import main


@pytest.fixture(autouse=True)
def _elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DATABASE_URL", raising=False)


def test_an_audit_where_there_is_no_database(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """In the wrong folder the export says which file is not there, and makes none."""
    assert main(["audit", "--format", "csv"]) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err == (
        f"There is no database at {tmp_path}/workflow-bot.sqlite3. "
        "Set DATABASE_URL, or change to the working directory of the bot.\n"
    )
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", ["", "something else" * 100])
def test_an_audit_of_something_else(content: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What is wrong is said beside the export, never in it, and without a traceback."""
    (tmp_path / "workflow-bot.sqlite3").write_text(content)
    assert main(["audit"]) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert len(printed.err.splitlines()) == 1


def test_migrate_then_audit(capsys: pytest.CaptureFixture[str]) -> None:
    """A new database is made by `migrate`, and its audit log is empty but for the heading."""
    assert main(["migrate"]) == 0
    assert main(["migrate"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "The database is at the current schema now.",
        "The database is at the current schema already.",
    ]
    assert main(["audit", "--format", "csv"]) == 0
    printed = capsys.readouterr()
    assert printed.err == ""
    assert list(csv.DictReader(printed.out.splitlines())) == []
    assert printed.out


def test_a_migration_that_fails(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """A database that cannot be reached is told as an error, without its password."""
    monkeypatch.setenv("DATABASE_URL", "postgres://ana:secret@127.0.0.1:1/x")
    for command in ("migrate", "audit"):
        assert main([command]) == 1
        printed = capsys.readouterr()
        assert printed.out == ""
        assert "Connection refused" in printed.err
        assert "secret" not in printed.err
