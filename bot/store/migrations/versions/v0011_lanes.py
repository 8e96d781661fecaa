"""What a message shares Slack's rates with, so that one channel that is full holds up no other."""

import sqlalchemy as sa
from alembic import op

revision = "0011_lanes"
down_revision = "0010_deliveries"


def upgrade() -> None:
    op.add_column("messages", sa.Column("lane", sa.Text()))
    op.execute("UPDATE messages SET lane = '' WHERE ts IS NOT NULL OR (state = 'failed' AND live)")
    op.drop_index("ix_messages_state_priority_id", "messages")
    op.create_index("ix_messages_state_lane_priority_id", "messages", ["state", "lane", "priority", "id"])
    for column in ("not_before", "claimed_until"):
        some = sa.text(f"{column} IS NOT NULL")
        name = f"ix_messages_{column}"
        op.create_index(name, "messages", [column], sqlite_where=some, postgresql_where=some)
