"""The audit log is a chain: what is changed or missing in it is found."""

import asyncio
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest
from sqlalchemy import Connection, event, func, insert, select, text, update

from bot.store import audit_chain
from bot.store.audit import export, record
from bot.store.audit_chain import Verified, verify
from bot.store.engine.database import Database
from bot.store.schema import audit, audit_head
from tests.store.postgres import PostgresServer
from tests.store.rows import NOW, add_lease, lease_names


@dataclass(frozen=True)
class Row:
    """Something that somebody does to the log, and the line that does not fit then."""

    what: str
    statement: str
    misfit: int


def tell(connection: Connection, *whats: str) -> None:
    for number, what in enumerate(whats or ("asked", "approved", "sent", "ended")):
        record(connection, NOW + timedelta(minutes=number), "UANA", what, "op3", note="“ü” 🙏", n=[1.5, None])


def of_an_older_version(connection: Connection, what: str) -> None:
    """What a version without the chain adds, in its own words."""
    values = {"at": NOW, "operation_id": None, "who": "UOLD", "what": what, "detail": {"b": 1, "a": 2}}
    connection.execute(insert(audit).values(values))


def forge(connection: Connection, statement: str) -> None:
    """What somebody does who may do anything in the database."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("ALTER TABLE audit DISABLE TRIGGER ALL"))
    else:
        for change in ("update", "delete"):
            connection.execute(text(f"DROP TRIGGER IF EXISTS audit_no_{change}"))
    connection.execute(text(statement))


async def found(database: Database, kept: str | None = None) -> Verified:
    return await database.read(verify, kept)


async def test_a_log_that_nobody_touched(database: Database) -> None:
    """All lines of all transactions are one chain, an empty log too, whatever their words are."""
    assert (await found(database)).whole
    await database.write(tell)
    await database.write(tell, "odd \0 \ud800", "=1+1")
    verified = await found(database)
    assert verified.whole
    assert verified.head == verified.told
    assert (verified.head.lines, verified.proven) == (6, verified.head.last_id)


async def test_an_export_proves_itself(database: Database) -> None:
    """Each exported line has its hash, which whoever has the export can compute anew."""
    await database.write(tell)
    before = ""
    for exported in await database.read(lambda connection: list(export(connection, None, "jsonl"))):
        line = json.loads(exported)
        covered = {name: line[name] for name in ("at", "detail", "operation", "what", "who")}
        as_json = json.dumps(covered, sort_keys=True, separators=(",", ":"))
        before = hashlib.sha256(f"{before}\n{as_json}".encode()).hexdigest()
        assert line["hash"] == before
    assert before == (await found(database)).head.hash


class UndoneError(Exception):
    """What was tried is not to stay."""


FORGED = [
    Row("who", "UPDATE audit SET who = 'UEVE' WHERE id = 2", 2),
    Row("when", "UPDATE audit SET at = at - 60000000 WHERE id = 1", 1),
    Row("a detail", """UPDATE audit SET detail = '{"n": 2}' WHERE id = 3""", 3),
    Row("no detail", "UPDATE audit SET detail = '1' WHERE id = 3", 3),
    Row("without a hash", "UPDATE audit SET hash = NULL, what = 'denied' WHERE id = 2", 3),
    Row("the first is gone", "DELETE FROM audit WHERE id = 1", 2),
    Row("two are gone", "DELETE FROM audit WHERE id IN (2, 3)", 4),
    Row("moved", "UPDATE audit SET id = 9 WHERE id = 2", 3),
    Row("slipped in", "INSERT INTO audit VALUES (0, 1, NULL, 'UEVE', 'approved', '{}', NULL)", 1),
    Row("damaged", "UPDATE audit SET detail = '{' WHERE id = 3", 3),
]


async def test_a_line_that_was_changed(database: Database) -> None:
    """Changed, removed, moved and slipped in: the first line that does not fit is named."""
    await database.write(tell)
    postgresql = await database.read(lambda connection: connection.dialect.name == "postgresql")
    rows = FORGED[:-1] if postgresql else FORGED  # PostgreSQL keeps nothing but JSON in that column
    for row in rows:
        misfits: list[Verified] = []

        def tried(connection: Connection, statement: str, into: list[Verified]) -> None:
            forge(connection, statement)
            into.append(verify(connection))
            raise UndoneError

        with pytest.raises(UndoneError):
            await database.write(tried, row.statement, misfits)
        misfit = misfits[0].misfit
        assert misfit is not None, row.what
        assert (misfit["id"], misfits[0].proven < row.misfit) == (row.misfit, True), row.what
    assert (await found(database)).whole


async def test_lines_that_are_cut_off(database: Database) -> None:
    """Lines missing at the end are counted: the end is written down with each line."""
    await database.write(tell)
    await database.write(forge, "DELETE FROM audit WHERE id > 2")
    verified = await found(database)
    assert not verified.whole
    assert (verified.misfit, verified.told and verified.told.lines, verified.head.lines) == (None, 4, 2)


async def test_a_log_that_was_written_anew(database: Database) -> None:
    """Whoever rewrites all hashes is found by the head that was kept elsewhere, and by nothing else."""
    await database.write(tell)
    kept = (await found(database)).head.hash

    def anew(connection: Connection) -> None:
        forge(connection, "DELETE FROM audit")
        connection.execute(update(audit_head).values(lines=0, last_id=0, hash=""))

    await database.write(anew)
    await database.write(tell, "asked", "withdrawn")
    assert (await found(database)).whole
    assert not (await found(database, kept)).whole


async def test_a_head_that_was_kept(database: Database) -> None:
    """A head that was kept fits for ever: lines that came after it change nothing about that."""
    await database.write(tell)
    kept = (await found(database)).head.hash
    await database.write(tell)
    assert (await found(database, kept)).whole


async def test_an_end_that_is_gone(database: Database) -> None:
    """A log without its written end is not called whole."""
    await database.write(tell)
    await database.write(forge, "DELETE FROM audit_head")
    assert not (await found(database)).whole


async def test_lines_of_the_version_before(database: Database) -> None:
    """While processes are replaced, the old ones go on telling: the next line with a hash covers theirs."""
    await database.write(of_an_older_version, "first")
    await database.write(tell)
    await database.write(of_an_older_version, "between")
    await database.write(of_an_older_version, "again")
    await database.write(tell)
    await database.write(of_an_older_version, "last")
    verified = await found(database)
    assert verified.whole
    assert (verified.head.lines, verified.told and verified.told.lines) == (12, 11)
    await database.write(forge, "UPDATE audit SET who = 'UEVE' WHERE what = 'again'")
    assert not (await found(database)).whole


async def test_what_is_undone_leaves_the_chain(database: Database) -> None:
    """A transaction that comes to nothing leaves the chain as it was."""

    def fail(connection: Connection) -> None:
        tell(connection)
        raise ZeroDivisionError

    await database.write(tell)
    with pytest.raises(ZeroDivisionError):
        await database.write(fail)
    await database.write(tell)
    assert (await found(database)).whole


async def test_many_at_once(database_url: str) -> None:
    """Processes that tell at the same time, each after locking rows of its own, wait for each other, never
    for ever, and their lines are one chain in the order of their numbers.
    """

    def work(connection: Connection, name: str) -> None:
        tell(connection, f"{name} begins")
        add_lease(connection, name)
        if int(name) % 4 == 0:
            of_an_older_version(connection, name)
        tell(connection, f"{name} ends")

    one_file = database_url.startswith("sqlite")
    async with (
        Database(database_url, begin_within=30) as first,
        Database(database_url, begin_within=30, guard=False) as second,
    ):
        others = (first, first) if one_file else (first, second)
        await asyncio.gather(*(others[number % 2].write(work, str(number)) for number in range(24)))
        verified = await found(first)
        assert verified.whole
        assert verified.head.lines == 54
        assert len(await first.read(lease_names)) == 24


async def test_a_process_that_stands_still(
    postgres: PostgresServer, postgres_template: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that is stopped between its line and its COMMIT holds up the others for a moment only, and begins
    anew when it goes on. (An SQLite file has one process.)
    """
    database_url = postgres.url(postgres.create(postgres_template))
    monkeypatch.setattr(audit_chain, "_STALLED", "200ms")
    stopped, go_on = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()
    put_head = audit_chain.put_head

    def stand_still(connection: Connection, *others: object) -> None:
        if not stopped.is_set():
            loop.call_soon_threadsafe(stopped.set)
            asyncio.run_coroutine_threadsafe(go_on.wait(), loop).result(30)
        put_head(connection, *others)  # type: ignore[arg-type]

    monkeypatch.setattr("bot.store.audit.put_head", stand_still)
    async with Database(database_url, begin_within=30) as first, Database(database_url) as second:
        held = asyncio.create_task(first.write(tell, "stopped"))
        await stopped.wait()
        await second.write(tell, "went on")
        go_on.set()
        await held
        whats = await second.read(lambda one: list(one.scalars(select(audit.c.what).order_by(audit.c.id))))
        assert whats == ["went on", "stopped"]
        assert (await found(second)).whole


async def test_what_a_line_costs(database: Database) -> None:
    """A transaction that tells costs two statements more than its lines, however long the log is."""

    async def statements(work: Callable[[Connection], None]) -> list[str]:
        sent: list[str] = []

        def counted(connection: Connection) -> None:
            event.listen(connection, "before_cursor_execute", lambda *said: sent.append(said[2]))
            work(connection)

        await database.write(counted)
        return sent

    await database.write(tell)
    sent = await statements(tell)
    assert len(sent) <= 4 + 2, sent
    assert await database.read(lambda one: one.scalar(select(func.count()).select_from(audit))) == 8
