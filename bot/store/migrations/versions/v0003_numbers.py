"""A workflow's number is any that PlanetScale may give: 64 bits. SQLite's numbers have them already."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    for table, nullable in (("operations", True), ("watches", False)):
        op.alter_column(
            table,
            "number",
            type_=sa.BigInteger(),
            existing_type=sa.Integer(),
            existing_nullable=nullable,
        )
