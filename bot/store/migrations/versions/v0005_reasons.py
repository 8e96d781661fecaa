"""Why somebody pressed a button, where that is said before the press counts."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.add_column("presses", sa.Column("reason", sa.Text(), nullable=True))
