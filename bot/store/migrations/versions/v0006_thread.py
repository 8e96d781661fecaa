"""A reply may be shown in the channel as well as in its thread."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.add_column("messages", sa.Column("broadcast", sa.Boolean()))
