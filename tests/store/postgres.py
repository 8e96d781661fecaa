"""A PostgreSQL server of one's own: on a socket that nobody else can reach, and gone afterwards."""

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from itertools import count
from pathlib import Path
from typing import Literal

import psycopg
from psycopg import sql

_FAST = "-c fsync=off -c full_page_writes=off -c deadlock_timeout=20ms"
_NOT_KEPT = "-c synchronous_commit=off"
_BINARIES = ("initdb", "pg_ctl", "postgres")


def find_binaries() -> Path | None:
    """Where `initdb` and `postgres` are: `PG_BINDIR`, Debian's folders (the newest first), the path."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: int(folder.parent.name))
    named = [Path(folder) for folder in [os.environ.get("PG_BINDIR")] if folder]
    on_path = [Path(found).parent for found in [shutil.which("initdb")] if found]
    for folder in (*named, *reversed(debian), *on_path):
        if all((folder / name).is_file() for name in _BINARIES):
            return folder
    return None


class PostgresServer:
    """Started when made; `stop` ends it and removes its files."""

    def __init__(self, binaries: Path, *, keeps: bool = False) -> None:
        """`keeps`: what was committed is there after a `restart`, however it was done."""
        self._binaries = binaries
        self._user = _other_user() if os.getuid() == 0 else None  # the server refuses to run as root
        self._folder = Path(tempfile.mkdtemp(prefix="workflow-bot-pg-"))
        self._numbers = count(1)
        if self._user:
            shutil.chown(self._folder, self._user)
        self._data = str(self._folder / "data")
        self._run(
            "initdb", "-D", self._data, "-U", "bot", "-A", "trust", "-E", "UTF8", "--no-sync", "--locale=C"
        )
        speed = _FAST if keeps else f"{_FAST} {_NOT_KEPT}"
        self._options = f"-k {self._folder} -c listen_addresses='' {speed}"
        self._start()

    def url(self, database: str) -> str:
        """An address such as `DATABASE_URL` holds, with a password that means nothing."""
        return f"postgres://bot:not-asked-for@/{database}?host={self._folder}"

    def create(self, template: str = "template1") -> str:
        """A new database, a copy of `template`. Returns its name."""
        name = f"test_{next(self._numbers)}"
        self._administer(sql.SQL("CREATE DATABASE {} TEMPLATE {}"), name, template)
        return name

    def drop(self, name: str) -> None:
        """Remove a database, and whoever is still connected."""
        self._administer(sql.SQL("DROP DATABASE {} WITH (FORCE)"), name)

    def let_write(self, name: str, *, allowed: bool) -> None:
        """Whether sessions that begin from now on may change anything in a database."""
        command = (
            "RESET default_transaction_read_only" if allowed else "SET default_transaction_read_only = on"
        )
        self._administer(sql.SQL("ALTER DATABASE {} " + command), name)

    def end_connection(self, pid: int) -> None:
        """Cut off one client and return once it is gone."""
        with self._connect() as connection:
            connection.execute("SELECT pg_terminate_backend(%s, 5000)", (pid,))

    def cut(self, name: str) -> int:
        """Cut off all clients of a database; how many there were."""
        with self._connect() as connection:
            ended = connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,)
            )
            return len(ended.fetchall())

    def restart(self, mode: Literal["fast", "immediate"], pause: float = 0.0) -> None:
        """End it as an administrator does (`fast`) or as a crash does, wait, and start it again."""
        self._end(mode)
        time.sleep(pause)
        self._start()

    @property
    def log(self) -> str:
        """What the server wrote so far."""
        return (self._folder / "log").read_text(errors="replace")

    def stop(self) -> None:
        """End it, whoever is connected."""
        self._end("immediate")
        shutil.rmtree(self._folder)

    def client(self, database: str) -> psycopg.Connection:
        """A connection beside the bot's."""
        return psycopg.connect(host=str(self._folder), user="bot", dbname=database, autocommit=True)

    def _start(self) -> None:
        log = str(self._folder / "log")
        self._run("pg_ctl", "-D", self._data, "-l", log, "-w", "-o", self._options, "start")

    def _end(self, mode: str) -> None:
        self._run("pg_ctl", "-D", self._data, "-w", "-m", mode, "stop")

    def _connect(self) -> psycopg.Connection:
        return self.client("postgres")

    def _administer(self, statement: sql.SQL, *names: str) -> None:
        with self._connect() as connection:
            connection.execute(statement.format(*map(sql.Identifier, names)))

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run(  # noqa: S603 - a program that was looked for, arguments of our own
            [self._binaries / program, *arguments],
            check=True,
            user=self._user,
            cwd=self._folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,  # pg_ctl's server would keep a pipe open
        )


def _other_user() -> str:
    known = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in known else "nobody"
