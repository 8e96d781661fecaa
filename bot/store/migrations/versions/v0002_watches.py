"""Watches, the samples of their copies, and outages of PlanetScale."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_MOMENT = sa.BigInteger()


def upgrade() -> None:
    op.create_table(
        "watches",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("organization", sa.Text(), nullable=False),
        sa.Column("database", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("places", sa.JSON(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("started_by", sa.Text()),
        sa.Column("mention", sa.Text()),
        sa.Column("sight", sa.JSON()),
        sa.Column("read_at", _MOMENT),
        sa.Column("looked_at", _MOMENT),
        sa.Column("changed_at", _MOMENT),
        sa.Column("silent_since", _MOMENT),
        sa.Column("misses", sa.Integer(), nullable=False),
        sa.Column("missing_since", _MOMENT),
        sa.Column("urgency", sa.Integer(), nullable=False),
        sa.Column("due_at", _MOMENT),
        sa.Column("detail_due_at", _MOMENT),
        sa.Column("essence", sa.Text()),
        sa.Column("drawn_at", _MOMENT),
        sa.Column("live_number", sa.Integer(), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("over", sa.Text()),
        sa.Column("over_at", _MOMENT),
        sa.Column("stopped_by", sa.Text()),
        sa.Column("caused", sa.JSON(), nullable=False),
        sa.Column("names", sa.JSON(), nullable=False),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_watches"),
        sa.UniqueConstraint(
            "organization", "database", "number", name="uq_watches_organization_database_number"
        ),
    )
    op.create_index("ix_watches_due_at", "watches", ["due_at"])
    op.create_index("ix_watches_detail_due_at", "watches", ["detail_due_at"])
    op.create_table(
        "samples",
        sa.Column("watch_id", sa.Text(), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("tables", sa.JSON(), nullable=False),
        sa.Column("copied", sa.BigInteger(), nullable=False),
        sa.Column("total", sa.BigInteger()),
        sa.Column("held", sa.Boolean(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["watch_id"], ["watches.id"], name="fk_samples_watch_id"),
        sa.PrimaryKeyConstraint("watch_id", "at", name="pk_samples"),
    )
    op.create_table(
        "outages",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("organization", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("workflows", sa.Integer(), nullable=False),
        sa.Column("since", _MOMENT, nullable=False),
        sa.Column("told_at", _MOMENT, nullable=False),
        sa.Column("back_at", _MOMENT),
        sa.Column("mentions", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_outages"),
        sa.UniqueConstraint("organization", "place", "since", name="uq_outages_organization_place_since"),
    )
