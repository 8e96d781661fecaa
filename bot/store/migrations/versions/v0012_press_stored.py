"""When a press was stored, by PostgreSQL's clock: those of the machines may differ.

What is there already, and what the version before writes, has none.
"""

import sqlalchemy as sa
from alembic import op

revision = "0012_press_stored"
down_revision = "0011_lanes"


def upgrade() -> None:
    op.add_column("presses", sa.Column("stored_at", sa.BigInteger()))
