"""What the log says when the bot starts, for whoever runs it."""

from pathlib import Path

from structlog.testing import capture_logs

from tests.scenarios.conftest import open_stage


async def test_a_database_that_others_can_open(tmp_path: Path) -> None:
    """Whoever starts the bot on a file that other users can read finds a line with what closes it."""
    file = tmp_path / "bot.sqlite3"
    file.touch()
    file.chmod(0o644)
    with capture_logs() as lines:
        async with open_stage(DATABASE_URL=f"sqlite:///{file}"):
            pass
    said = [line["line"] for line in lines if line["event"] == "database_file"]
    assert said == [f"Other users of this machine can open {file} (mode 644): chmod 600 {file}"]
