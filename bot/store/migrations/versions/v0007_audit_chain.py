"""The audit log is a chain: each line carries the hash of itself and of all before it.

Lines that are there already get no hash of their own (they are never changed): the first new one covers them.
A process of the version before may still add lines while the processes are replaced one by one. On PostgreSQL
they take their turn with the others here, so that the order of ids is the order in which lines were stored.
Lines that `bot.store.moving` brings along keep their ids.
"""

import sqlalchemy as sa
from alembic import op

from bot.store.audit_chain import covering
from bot.store.schema import audit_head

revision = "0007_audit_chain"
down_revision = "0006"

_LARGE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_POSTGRESQL = (
    """
    CREATE FUNCTION audit_without_hash() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        UPDATE audit_head SET behind = true;
        NEW.id := nextval(pg_get_serial_sequence('audit', 'id'));
        RETURN NEW;
    END $$
    """,
    "CREATE TRIGGER audit_without_hash BEFORE INSERT ON audit FOR EACH ROW "
    "WHEN (NEW.hash IS NULL AND current_setting('workflow_bot.moving', true) IS DISTINCT FROM 'on') "
    "EXECUTE FUNCTION audit_without_hash()",
)
_SQLITE = (
    "CREATE TRIGGER audit_without_hash AFTER INSERT ON audit WHEN NEW.hash IS NULL "
    "BEGIN UPDATE audit_head SET behind = 1; END",
)


def upgrade() -> None:
    connection = op.get_bind()
    op.add_column("audit", sa.Column("hash", sa.Text()))
    op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("lines", _LARGE, nullable=False),
        sa.Column("last_id", _LARGE, nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("behind", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit_head"),
    )
    connection.execute(sa.insert(audit_head).values(id=1, **covering(connection)))
    for statement in _POSTGRESQL if connection.dialect.name == "postgresql" else _SQLITE:
        op.execute(statement)
