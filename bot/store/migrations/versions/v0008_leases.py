"""Which worker is at a step of an operation, and when time itself brings one on that waits for people."""

import sqlalchemy as sa
from alembic import op

revision = "0008_leases"
down_revision = "0007_audit_chain"


def upgrade() -> None:
    op.add_column("operations", sa.Column("leased_by", sa.Text()))
    op.add_column("operations", sa.Column("leased_until", sa.BigInteger()))
    op.add_column("operations", sa.Column("wake_at", sa.BigInteger()))
    op.create_index("ix_operations_state_wake_at", "operations", ["state", "wake_at"])
    held = sa.text("leased_until IS NOT NULL")
    op.create_index(
        "ix_operations_leased_until",
        "operations",
        ["leased_until"],
        sqlite_where=held,
        postgresql_where=held,
    )
