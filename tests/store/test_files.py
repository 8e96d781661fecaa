"""One SQLite file is one bot's, by whatever name it is found."""

import os
from pathlib import Path

import pytest

from bot.store.engine import files
from bot.store.engine.database import Database
from bot.store.engine.files import exposed, refuse_odd
from bot.store.errors import DatabaseInUseError, DatabaseUnavailableError
from bot.store.migrate import migrate
from bot.store.proof import writable
from tests.store.databases import answers
from tests.store.rows import add_lease, lease_names


def _url(file: Path) -> str:
    return f"sqlite:///{file}"


@pytest.mark.parametrize("kind", ["file", "folder", "chain"])
async def test_the_same_file_through_a_link(tmp_path: Path, kind: str) -> None:
    """A link to the file, to its folder or to a link is no way to run a second bot on it."""
    folder = tmp_path / "real"
    folder.mkdir()
    file = folder / "bot.sqlite3"
    async with Database(_url(file), begin_within=30):
        link = tmp_path / "link"
        if kind == "folder":
            link.symlink_to(folder)
            link = link / "bot.sqlite3"
        else:
            link.symlink_to(file)
        if kind == "chain":
            (tmp_path / "second").symlink_to(link)
            link = tmp_path / "second"
        with pytest.raises(DatabaseInUseError):
            Database(_url(link))
    async with Database(_url(link), begin_within=30) as after:
        assert await answers(after)
        with pytest.raises(DatabaseInUseError):
            Database(_url(file))


@pytest.mark.parametrize("guard", [True, False])
def test_a_file_with_two_names(tmp_path: Path, guard: bool) -> None:
    """A hard link is refused in words, whoever looks: each name would have a log of its own."""
    file = tmp_path / "bot.sqlite3"
    file.touch()
    os.link(file, tmp_path / "other.sqlite3")
    with pytest.raises(DatabaseUnavailableError, match="2 names"):
        Database(_url(file), guard=guard)


def test_a_file_that_is_mounted_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that is a mount point is refused in words: its log would stay outside."""
    file = tmp_path / "a file.sqlite3"
    file.touch()
    mounts = tmp_path / "mountinfo"
    escaped = str(file).replace(" ", "\\040")
    mounts.write_text(
        f"22 1 0:21 / /proc rw - proc proc rw\n36 35 98:0 /x {escaped} rw - ext4 /dev/sda1 rw\n"
    )
    monkeypatch.setattr(files, "_MOUNTS", mounts)
    with pytest.raises(DatabaseUnavailableError, match="mount the folder"):
        refuse_odd(file)
    refuse_odd(tmp_path / "another.sqlite3")


@pytest.mark.parametrize("kind", ["folder", "pipe"])
def test_what_is_no_file(tmp_path: Path, kind: str) -> None:
    """A folder or a pipe under the database's name is said to be none."""
    there = tmp_path / "bot.sqlite3"
    there.mkdir() if kind == "folder" else os.mkfifo(there)
    with pytest.raises(DatabaseUnavailableError, match="is no file"):
        Database(_url(there))


@pytest.mark.parametrize("how", ["deleted", "replaced", "moved away", "linked elsewhere"])
async def test_a_file_that_is_taken_away(tmp_path: Path, how: str) -> None:
    """Once the file has gone nothing is taken down any more, and the reason is said; put back, it goes on."""
    file, name, kept = tmp_path / "bot.sqlite3", tmp_path / "name.sqlite3", tmp_path / "kept"
    if how == "linked elsewhere":
        name.symlink_to(file)
    else:
        name = file
    async with Database(_url(name), begin_within=30) as database:
        await migrate(database)
        assert await writable(database)
        os.link(file, kept)
        name.unlink()
        if how == "replaced":
            name.write_bytes(b"")
        elif how == "linked elsewhere":
            (tmp_path / "other").touch()
            name.symlink_to(tmp_path / "other")
        assert not await writable(database)
        with pytest.raises(DatabaseUnavailableError, match="under the running bot"):
            await database.write(add_lease, "a")
        with pytest.raises(DatabaseUnavailableError, match="under the running bot"):
            await database.read(lease_names)
        name.unlink(missing_ok=True)
        kept.rename(file) if how != "linked elsewhere" else name.symlink_to(file)
        assert await writable(database)


@pytest.mark.parametrize(
    ("mode", "open_to_others"), [(0o600, False), (0o640, True), (0o644, True), (0o602, True)]
)
def test_a_file_that_others_can_open(tmp_path: Path, mode: int, open_to_others: bool) -> None:
    """A database that other users of the machine can read or change is named, with what closes it."""
    file = tmp_path / "bot.sqlite3"
    assert exposed(file) is None
    file.touch()
    file.chmod(mode)
    said = exposed(file)
    assert (said is not None) is open_to_others
    if said:
        assert said.endswith(f"chmod 600 {file}")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
@pytest.mark.parametrize(("mode", "open_to_others"), [(0o640, False), (0o644, True), (0o660, True)])
def test_a_file_of_somebody_else(tmp_path: Path, mode: int, open_to_others: bool) -> None:
    """A file that root wrote for the bot's group is not one that others can open."""
    file = tmp_path / ".env"
    file.touch()
    os.chown(file, 12345, -1)
    file.chmod(mode)
    said = exposed(file)
    assert (said is not None) is open_to_others
    if said:
        assert said.endswith(f"chmod 640 {file}")


def modes(folder: Path) -> dict[str, int]:
    return {file.name: file.stat().st_mode & 0o777 for file in folder.iterdir()}


async def test_all_that_is_kept_is_its_owner_s(tmp_path: Path) -> None:
    """The database, its log and its lock can be opened by nobody else, whatever the machine's umask."""
    before = os.umask(0)
    try:
        async with Database(f"sqlite:///{tmp_path}/bot.sqlite3", begin_within=30) as database:
            await migrate(database)
            files = modes(tmp_path)
    finally:
        os.umask(before)
    assert set(files) >= {"bot.sqlite3", "bot.sqlite3-wal", "bot.sqlite3-shm", "bot.sqlite3.lock"}
    assert set(files.values()) == {0o600}
