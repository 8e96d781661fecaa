"""The tables, and what may stand in a column beside it. `migrations/` makes them; a test compares both."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    UniqueConstraint,
    text,
)

from bot.store.types import Json, Large, Moment, Serial, WrittenText

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)

_LEASED, _NOT_BEFORE, _CLAIMED = (
    f"{column} IS NOT NULL" for column in ("leased_until", "not_before", "claimed_until")
)
"""Of most rows these columns are null, and such an index holds the few others."""

operations = Table(
    "operations",
    metadata,
    Column("id", WrittenText, primary_key=True),  # `new_id()`
    Column(
        "trigger_id", WrittenText, unique=True
    ),  # Slack's: a command that is delivered again is the same operation
    Column("organization", WrittenText, nullable=False),
    Column("database", WrittenText, nullable=False),
    Column("number", Large),  # null while a `create` has none yet
    Column("workflow_id", WrittenText),
    Column("workflow_name", WrittenText),
    Column("branch", WrittenText),
    Column("action", WrittenText, nullable=False),  # the sub-command
    Column("call", WrittenText),  # the API call; null for `create`
    Column("arguments", Json, nullable=False),
    Column("force", Boolean, nullable=False, default=False),
    Column("requester", WrittenText, nullable=False),  # Slack user id
    Column("team_id", WrittenText, nullable=False),
    Column("channel", WrittenText, nullable=False),  # where it was asked
    Column("state", WrittenText, nullable=False),
    # requested, waiting, ready, executing, sending, under_way, succeeded, broke_off, refused, unknown,
    # not_seen, needs_person, blocked, denied, withdrawn, expired, superseded, too_late
    Column("gate", WrittenText, nullable=False),  # none, confirm, peer
    Column("required", Integer, nullable=False, default=0),  # how many others
    Column("approvers", Json),  # user and user-group ids
    Column("digest", WrittenText),  # of what is approved
    Column("facts", Json),  # what the card needs: keyspaces, tables, kind, rows, …
    Column("report", Json),  # the pre-flight checks
    Column("asked_at", Moment, nullable=False),
    Column("expires_at", Moment),
    Column("approved_at", Moment),
    Column("execute_by", Moment),
    Column(
        "fence", Integer, nullable=False, default=0
    ),  # raised by every change of hands: compare and swap on it
    Column("leased_by", WrittenText),  # the worker that is at a step of it
    Column("leased_until", Moment),  # then whoever comes first takes it over
    Column("claimed_by", WrittenText),
    Column("claimed_at", Moment),
    Column("sent_at", Moment),
    Column("wake_at", Moment),  # while it waits for people: when time brings it on; null: not worked out
    Column("next_read_at", Moment),  # when to read back again
    Column("ended_at", Moment),
    Column("outcome", Json),  # what was seen, as parts of sentences
    Column("reason", WrittenText),  # what somebody said about it
    Column("again_of", WrittenText, ForeignKey("operations.id")),
    Column("reminded_at", Moment),
    Column("version", Integer, nullable=False, default=1),  # raised by whatever the card shows
    Index(None, "organization", "database", "number", "asked_at"),
    Index(None, "state", "expires_at"),
    Index(None, "state", "next_read_at"),
    Index(None, "state", "wake_at"),
    Index(None, "leased_until", sqlite_where=text(_LEASED), postgresql_where=text(_LEASED)),
    Index(None, "again_of"),
)

presses = Table(
    "presses",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("operation_id", WrittenText, ForeignKey("operations.id"), nullable=False),
    Column("user_id", WrittenText, nullable=False),
    Column("trigger_id", WrittenText, nullable=False),
    Column("kind", WrittenText, nullable=False),  # which button
    Column("digest_prefix", WrittenText),  # of the card that was pressed
    Column("received_at", Moment, nullable=False),
    Column("stored_at", Moment),  # by PostgreSQL's clock; a lone process has only its own
    Column("channel", WrittenText),
    Column("message_ts", WrittenText),
    Column("reason", WrittenText),  # what was said with it
    Column("response_url", WrittenText),  # lets anybody who has it answer in Slack: set to null once used
    Column("attempts", Integer, nullable=False, default=0),  # how often Slack was asked who that is
    Column("decided_at", Moment),
    Column("result", WrittenText),
    UniqueConstraint("operation_id", "user_id", "trigger_id"),
    Index(None, "decided_at"),
)

decisions = Table(  # append-only
    "decisions",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("operation_id", WrittenText, ForeignKey("operations.id"), nullable=False),
    Column("press_id", Serial, ForeignKey("presses.id")),
    Column("user_id", WrittenText, nullable=False),
    Column("kind", WrittenText, nullable=False),
    Column("at", Moment, nullable=False),
    Column("reason", WrittenText),
    UniqueConstraint("press_id", "kind"),  # a press counts once
    Index(None, "operation_id"),
)

attempts = Table(
    "attempts",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("operation_id", WrittenText, ForeignKey("operations.id"), nullable=False),
    Column("before", Json),  # the snapshot just before sending
    Column("sent_at", Moment, nullable=False),
    Column("answered_at", Moment),
    Column("answer", Json),  # kind, status, said
    Index(None, "operation_id"),
)

readings = Table(
    "readings",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("attempt_id", Serial, ForeignKey("attempts.id"), nullable=False),
    Column("at", Moment, nullable=False),
    Column("state", WrittenText),  # null where the read gave none
    Column("evidence", Json),
    Column("verdict", WrittenText),
    Index(None, "attempt_id"),
)

own_accounts = Table(
    "own_accounts",
    metadata,
    Column("organization", WrittenText, primary_key=True),
    Column("account", Json, nullable=False),  # as PlanetScale names it
    Column("attempt_id", Large, nullable=False),  # the request for which it was named
)

audit = Table(  # append-only; without foreign keys: it outlives what it tells of
    "audit",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("at", Moment, nullable=False),
    Column("operation_id", WrittenText),
    Column("who", WrittenText, nullable=False),
    Column("what", WrittenText, nullable=False),
    Column("detail", Json, nullable=False),
    Column(
        "hash", WrittenText
    ),  # see `bot.store.audit_chain`; null where a version without it wrote the line
    Index(None, "operation_id"),
    Index(None, "at"),
)

audit_head = Table(  # one row: the end of the audit log; whoever adds lines holds its lock
    "audit_head",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("lines", Large, nullable=False),  # how many there are up to the end
    Column("last_id", Large, nullable=False),  # of the last of them
    Column("hash", WrittenText, nullable=False),  # of all of them
    Column("behind", Boolean, nullable=False),  # lines without a hash came after it
)

messages = Table(  # the message board
    "messages",
    metadata,
    Column("id", Serial, primary_key=True),  # replies in a thread appear in this order
    Column("key", WrittenText, nullable=False, unique=True),  # `operation:7f3…:card`
    Column("copy_of", WrittenText),  # key of the message that this is a second copy of in Slack
    Column("places", Json, nullable=False),  # channel or user ids, in the order in which they are tried
    Column("place_index", Integer, nullable=False, default=0),
    Column("lane", WrittenText),  # what it shares Slack's rates with: the channel that it goes to, or, for an
    # update, nothing (""); null where an earlier version wrote it, and for what is never tried again
    Column("thread_of", WrittenText),  # key of the parent, which may be written after it
    Column("broadcast", Boolean),  # of a reply: it is shown in the channel as well
    Column("subject_kind", WrittenText, nullable=False),  # what it shows: an operation, a watch, an event
    Column("subject_id", WrittenText),
    Column("subject", Json),  # an event's data
    Column(
        "priority", Integer, nullable=False, default=1
    ),  # 0 card, 1 state, 2 progress: the lower goes first
    Column("live", Boolean, nullable=False, default=True),  # if it vanishes from Slack it is posted anew
    Column("wanted_version", Integer, nullable=False, default=1),
    Column("shown_version", Integer, nullable=False, default=0),
    Column("shown_hash", WrittenText),  # of the content that Slack has; null while that is not certain
    Column("state", WrittenText, nullable=False, default="wanted"),
    # wanted, posting, outdated, shown, failed, gone: see `bot.store.board`
    Column("posted_channel", WrittenText),
    Column("ts", WrittenText),
    Column("delivery_id", WrittenText),  # stored before the post that carries it
    Column("sent_at", Moment),  # when that post was sent
    Column("fence", Integer, nullable=False, default=0),  # raised by every claim: compare and swap on it
    Column("claimed_until", Moment),
    Column("not_before", Moment),
    Column("attempts", Integer, nullable=False, default=0),  # failed ones since the last success
    Column("error", WrittenText),  # Slack's code
    Column("created_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False),
    Index(None, "state", "lane", "priority", "id"),
    Index(None, "not_before", sqlite_where=text(_NOT_BEFORE), postgresql_where=text(_NOT_BEFORE)),
    Index(None, "claimed_until", sqlite_where=text(_CLAIMED), postgresql_where=text(_CLAIMED)),
    Index(None, "copy_of"),
    Index(None, "subject_kind", "subject_id"),
    Index(None, "thread_of"),
    Index(None, "posted_channel", "ts"),
)

deliveries = Table(  # what Slack delivered and a process took up; each for an hour
    "deliveries",
    metadata,
    Column("id", WrittenText, primary_key=True),  # the hash of what it is known by
    Column("at", Moment, nullable=False),
    Index(None, "at"),
)

leases = Table(
    "leases",
    metadata,
    Column("name", WrittenText, primary_key=True),
    Column("holder", WrittenText, nullable=False),
    Column("fence", Integer, nullable=False, default=0),
    Column("until", Moment, nullable=False),
)

meters = Table(  # what all processes on one PostgreSQL may do only so often, by the database's clock
    "meters",
    metadata,
    Column("name", WrittenText, primary_key=True),  # `planetscale:acme`, `slack:chat.update`
    Column("level", Double, nullable=False),  # how many more might be done at `counted_at`
    Column("counted_at", Moment, nullable=False),
    Column("closed_until", Moment),  # nothing before then: the other side asked for it
    Column("first_until", Moment),  # somebody of the first rank waits, and all others wait for them
    Column("second_until", Moment),  # of the second
)

watches = Table(
    "watches",
    metadata,
    Column("id", WrittenText, primary_key=True),  # `new_id()`
    Column("organization", WrittenText, nullable=False),
    Column("database", WrittenText, nullable=False),
    Column("number", Large, nullable=False),
    Column("places", Json, nullable=False),  # channel ids, in the order in which they are tried
    Column("origin", WrittenText, nullable=False),  # touched, created, asked, found
    Column("started_by", WrittenText),
    Column("mention", WrittenText),
    Column("sight", Json),  # what was seen so far; null until it was first read
    Column("read_at", Moment),  # that state's: when PlanetScale last answered
    Column("looked_at", Moment),  # the last read, answered or not
    Column("changed_at", Moment),  # the last change that was seen, or the bot's last own one
    Column("silent_since", Moment),
    Column("misses", Integer, nullable=False, default=0),
    Column("missing_since", Moment),
    Column("urgency", Integer, nullable=False, default=0),  # what its state weighs when reads are few
    Column("due_at", Moment),
    Column("detail_due_at", Moment),
    Column("essence", WrittenText),
    Column("drawn_at", Moment),
    Column("live_number", Integer, nullable=False, default=1),
    Column("created_at", Moment, nullable=False),
    Column("over", WrittenText),  # ended, stopped, gone
    Column("over_at", Moment),
    Column("stopped_by", WrittenText),
    Column("names", Json, nullable=False),  # what these people are called at Slack, by user id
    Column("caused", Json, nullable=False),  # what operations of the bot are known to have caused here
    Column("fence", Integer, nullable=False, default=0),  # raised by every change: compare and swap on it
    UniqueConstraint("organization", "database", "number"),
    Index(None, "due_at"),
    Index(None, "detail_due_at"),
)

samples = Table(  # the rows of a copy at moments, thinned as they age
    "samples",
    metadata,
    Column("watch_id", WrittenText, ForeignKey("watches.id"), primary_key=True),
    Column("at", Moment, primary_key=True),
    Column("tables", Json, nullable=False),  # rows copied, by name
    Column("copied", BigInteger, nullable=False),
    Column("total", BigInteger),  # null where the total of any table is not reported
    Column("held", Boolean, nullable=False),  # throttled or building indexes
    Column("state", WrittenText, nullable=False),
)

outages = Table(
    "outages",
    metadata,
    Column("id", WrittenText, primary_key=True),  # `new_id()`
    Column("organization", WrittenText, nullable=False),
    Column("place", WrittenText, nullable=False),  # a channel id
    Column("workflows", Integer, nullable=False),
    Column("since", Moment, nullable=False),
    Column("told_at", Moment, nullable=False),
    Column("back_at", Moment),
    Column("mentions", Json, nullable=False),
    UniqueConstraint("organization", "place", "since"),
)
