"""Operations, their presses, decisions and attempts; the audit log; the message board; leases."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_MOMENT = sa.BigInteger()
_JSON = sa.JSON()
_SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_APPEND_ONLY = ("audit", "decisions")

_REFUSE = """
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END $$
"""


def upgrade() -> None:
    _create_tables()
    if op.get_bind().dialect.name == "postgresql":
        op.execute(_REFUSE)
        for table in _APPEND_ONLY:
            op.execute(
                f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
                "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
            )
    else:
        for table in _APPEND_ONLY:
            for change in ("UPDATE", "DELETE"):
                op.execute(
                    f"CREATE TRIGGER {table}_no_{change.lower()} BEFORE {change} ON {table} "
                    f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
                )


def _create_tables() -> None:
    op.create_table(
        "audit",
        sa.Column("id", _SERIAL, nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("operation_id", sa.Text()),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("detail", _JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit"),
    )
    op.create_index("ix_audit_at", "audit", ["at"])
    op.create_index("ix_audit_operation_id", "audit", ["operation_id"])
    op.create_table(
        "leases",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("until", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_leases"),
    )
    op.create_table(
        "messages",
        sa.Column("id", _SERIAL, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("copy_of", sa.Text()),
        sa.Column("places", _JSON, nullable=False),
        sa.Column("place_index", sa.Integer(), nullable=False),
        sa.Column("thread_of", sa.Text()),
        sa.Column("subject_kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Text()),
        sa.Column("subject", _JSON),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("live", sa.Boolean(), nullable=False),
        sa.Column("wanted_version", sa.Integer(), nullable=False),
        sa.Column("shown_version", sa.Integer(), nullable=False),
        sa.Column("shown_hash", sa.Text()),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("posted_channel", sa.Text()),
        sa.Column("ts", sa.Text()),
        sa.Column("delivery_id", sa.Text()),
        sa.Column("sent_at", _MOMENT),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("claimed_until", _MOMENT),
        sa.Column("not_before", _MOMENT),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text()),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("updated_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_messages"),
        sa.UniqueConstraint("key", name="uq_messages_key"),
    )
    op.create_index("ix_messages_copy_of", "messages", ["copy_of"])
    op.create_index("ix_messages_posted_channel_ts", "messages", ["posted_channel", "ts"])
    op.create_index("ix_messages_state_priority_id", "messages", ["state", "priority", "id"])
    op.create_index("ix_messages_subject_kind_subject_id", "messages", ["subject_kind", "subject_id"])
    op.create_index("ix_messages_thread_of", "messages", ["thread_of"])
    op.create_table(
        "operations",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("trigger_id", sa.Text()),
        sa.Column("organization", sa.Text(), nullable=False),
        sa.Column("database", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer()),
        sa.Column("workflow_id", sa.Text()),
        sa.Column("workflow_name", sa.Text()),
        sa.Column("branch", sa.Text()),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("call", sa.Text()),
        sa.Column("arguments", _JSON, nullable=False),
        sa.Column("force", sa.Boolean(), nullable=False),
        sa.Column("requester", sa.Text(), nullable=False),
        sa.Column("team_id", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("gate", sa.Text(), nullable=False),
        sa.Column("required", sa.Integer(), nullable=False),
        sa.Column("approvers", _JSON),
        sa.Column("digest", sa.Text()),
        sa.Column("facts", _JSON),
        sa.Column("report", _JSON),
        sa.Column("asked_at", _MOMENT, nullable=False),
        sa.Column("expires_at", _MOMENT),
        sa.Column("approved_at", _MOMENT),
        sa.Column("execute_by", _MOMENT),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("claimed_by", sa.Text()),
        sa.Column("claimed_at", _MOMENT),
        sa.Column("sent_at", _MOMENT),
        sa.Column("next_read_at", _MOMENT),
        sa.Column("ended_at", _MOMENT),
        sa.Column("outcome", _JSON),
        sa.Column("reason", sa.Text()),
        sa.Column("again_of", sa.Text()),
        sa.Column("reminded_at", _MOMENT),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["again_of"], ["operations.id"], name="fk_operations_again_of"),
        sa.PrimaryKeyConstraint("id", name="pk_operations"),
        sa.UniqueConstraint("trigger_id", name="uq_operations_trigger_id"),
    )
    op.create_index("ix_operations_again_of", "operations", ["again_of"])
    op.create_index(
        "ix_operations_organization_database_number_asked_at",
        "operations",
        ["organization", "database", "number", "asked_at"],
    )
    op.create_index("ix_operations_state_expires_at", "operations", ["state", "expires_at"])
    op.create_index("ix_operations_state_next_read_at", "operations", ["state", "next_read_at"])
    op.create_table(
        "attempts",
        sa.Column("id", _SERIAL, nullable=False),
        sa.Column("operation_id", sa.Text(), nullable=False),
        sa.Column("before", _JSON),
        sa.Column("sent_at", _MOMENT, nullable=False),
        sa.Column("answered_at", _MOMENT),
        sa.Column("answer", _JSON),
        sa.ForeignKeyConstraint(["operation_id"], ["operations.id"], name="fk_attempts_operation_id"),
        sa.PrimaryKeyConstraint("id", name="pk_attempts"),
    )
    op.create_index("ix_attempts_operation_id", "attempts", ["operation_id"])
    op.create_table(
        "presses",
        sa.Column("id", _SERIAL, nullable=False),
        sa.Column("operation_id", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("trigger_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("digest_prefix", sa.Text()),
        sa.Column("received_at", _MOMENT, nullable=False),
        sa.Column("channel", sa.Text()),
        sa.Column("message_ts", sa.Text()),
        sa.Column("response_url", sa.Text()),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("decided_at", _MOMENT),
        sa.Column("result", sa.Text()),
        sa.ForeignKeyConstraint(["operation_id"], ["operations.id"], name="fk_presses_operation_id"),
        sa.PrimaryKeyConstraint("id", name="pk_presses"),
        sa.UniqueConstraint(
            "operation_id", "user_id", "trigger_id", name="uq_presses_operation_id_user_id_trigger_id"
        ),
    )
    op.create_index("ix_presses_decided_at", "presses", ["decided_at"])
    op.create_table(
        "decisions",
        sa.Column("id", _SERIAL, nullable=False),
        sa.Column("operation_id", sa.Text(), nullable=False),
        sa.Column("press_id", _SERIAL),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("reason", sa.Text()),
        sa.ForeignKeyConstraint(["operation_id"], ["operations.id"], name="fk_decisions_operation_id"),
        sa.ForeignKeyConstraint(["press_id"], ["presses.id"], name="fk_decisions_press_id"),
        sa.PrimaryKeyConstraint("id", name="pk_decisions"),
        sa.UniqueConstraint("press_id", "kind", name="uq_decisions_press_id_kind"),
    )
    op.create_index("ix_decisions_operation_id", "decisions", ["operation_id"])
    op.create_table(
        "readings",
        sa.Column("id", _SERIAL, nullable=False),
        sa.Column("attempt_id", _SERIAL, nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("state", sa.Text()),
        sa.Column("evidence", _JSON),
        sa.Column("verdict", sa.Text()),
        sa.ForeignKeyConstraint(["attempt_id"], ["attempts.id"], name="fk_readings_attempt_id"),
        sa.PrimaryKeyConstraint("id", name="pk_readings"),
    )
    op.create_index("ix_readings_attempt_id", "readings", ["attempt_id"])
