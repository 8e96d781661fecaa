"""What both forms of a switch are checked for."""

from datetime import timedelta
from typing import Any

from bot.planetscale.models import Backup
from tests.builders import CLEAN, NOW
from tests.workflows.checking import FINE
from tests.workflows.rows.row import (
    BLOCK,
    BOTH_SWITCHES,
    COPYING,
    CUTOVER,
    FORCE,
    IMPORT,
    INFO,
    NOT_SWITCHED,
    PRIMARIES,
    REPLICAS,
    WARN,
    ago,
    row,
    stream,
)


def report(shard: str, **counts: int) -> dict[str, Any]:
    return {"table_name": "line_items", "shard": shard} | counts


MISMATCH = CLEAN | {
    "has_mismatch": True,
    "table_reports": [
        report("-80", mismatched_rows_count=12),
        report("80-", mismatched_rows_count=3, extra_source_rows_count=2),
    ],
}
SWITCH = [
    row(BOTH_SWITCHES, BLOCK, "Still copying, about 41 %.", COPYING, "The state allows it"),
    row(BOTH_SWITCHES, BLOCK, "Still copying.", {"state": "copying", "tables": None}),
    row(BOTH_SWITCHES, BLOCK, "Waiting to start; nothing is copied yet.", {"state": "pending"}),
    row(REPLICAS, BLOCK, "shop #3 is stopped. Retry first.", {"state": "stopped"}),
    row(REPLICAS, BLOCK, "shop #3 is in error. Retry first.", {"state": "error", "may_restart": True}),
    row(
        PRIMARIES,
        BLOCK,
        "shop #3 is stopped. Do not cancel: replica reads are on customer. Check the application now. "
        "Way back: /workflow reverse-traffic shop 3; else PlanetScale support.",
        {"state": "stopped", "may_restart": False},
    ),
    row(
        PRIMARIES,
        BLOCK,
        "shop #3 is in error. Do not cancel: a switch was tried, and customer may serve live data. "
        "Check the application now; then PlanetScale support.",
        {"state": "error", "may_retry": True},
    ),
    row(
        REPLICAS,
        BLOCK,
        "Replica reads are on customer already, since Sun 23:40 UTC.",
        FINE[PRIMARIES],
        "The state allows it",
    ),
    row(BOTH_SWITCHES, BLOCK, "Writes are on customer already.", FINE[CUTOVER], "The state allows it"),
    row(BOTH_SWITCHES, BLOCK, "shop #3 is cut over.", {"state": "cutover"}),
    row(BOTH_SWITCHES, BLOCK, "shop #3 is cut over.", {"state": "reversed_cutover"}),
    row(BOTH_SWITCHES, BLOCK, "shop #3 is completed.", {"state": "completed"}),
    row(BOTH_SWITCHES, BLOCK, "shop #3 is cancelled.", {"state": "cancelled"}),
    row(
        BOTH_SWITCHES,
        BLOCK,
        "Stream 80- reports an error: `Duplicate entry`",
        stream(state="Error", info="Duplicate entry"),
        "No stream reports an error",
    ),
    row(
        BOTH_SWITCHES,
        BLOCK,
        "Stream 80- reports an error: `from the log`",
        stream(state="error", logs=[{"state": "Error", "message": "from the log"}]),
    ),
    row(BOTH_SWITCHES, BLOCK, "Stream 80- reports an error.", stream(state="Error")),
    row(
        BOTH_SWITCHES,
        BLOCK,
        "Stream 80- has been stopped since 01:14 UTC.",
        stream(state="Stopped", logs=[{"state": "Stopped", "created_at": ago(hours=1)}]),
        "No stream is stopped",
    ),
    row(BOTH_SWITCHES, BLOCK, "Stream 80- is stopped.", stream(state="Stopped")),
    row(BOTH_SWITCHES, INFO, "Streams: not reported by PlanetScale.", {"streams": None}),
    *(
        row(call, level, sentence, differs, "Verified clean at 00:12 UTC")
        for sentence, differs, replicas, primaries in (
            (
                "The data has never been verified. Better: /workflow verify-data shop 3",
                {"vdiff": None, "verify_data_at": None},
                WARN,
                FORCE,
            ),
            (
                "17 rows differ in line_items (2 shards). Do not switch before you know why.",
                {"vdiff": MISMATCH},
                FORCE,
                FORCE,
            ),
            (
                "1 row differs in line_items (1 shard). Do not switch before you know why.",
                {"vdiff": CLEAN | {"table_reports": [report("-80", extra_target_rows_count=1)]}},
                FORCE,
                FORCE,
            ),
            (
                "Rows differ; PlanetScale gave no counts. Do not switch before you know why.",
                {"vdiff": CLEAN | {"has_mismatch": True}},
                FORCE,
                FORCE,
            ),
            (
                "The last verification broke off (`error`).",
                {"vdiff": CLEAN | {"state": "error"}},
                WARN,
                FORCE,
            ),
            (
                "Verified before the retry of 01:10 UTC. Verify again.",
                {"retried_at": "2026-11-23T01:10:00Z"},
                WARN,
                FORCE,
            ),
            (
                "Verified before traffic was reversed at 01:10 UTC. Verify again.",
                {"reversed_at": "2026-11-23T01:10:00Z"},
                WARN,
                FORCE,
            ),
            (
                "Verified clean at Sun 00:14 UTC; that is stale.",
                {"vdiff": CLEAN | {"completed_at": ago(hours=26)}},
                WARN,
                WARN,
            ),
            ("PlanetScale says verified but gave no report.", {"vdiff": None}, WARN, WARN),
        )
        for call, level in ((REPLICAS, replicas), (PRIMARIES, primaries))
    ),
    row(
        BOTH_SWITCHES,
        WARN,
        "Throttled until 02:13 UTC (`vreplication:80-:vplayer`): "
        "the switch waits for replication and may time out.",
        stream(component_throttled="vreplication:80-:vplayer", component_throttled_at=ago(seconds=60)),
        "Not throttled",
    ),
    row(
        BOTH_SWITCHES,
        WARN,
        "Schema changes were ignored while it ran (IGNORE). Compare the schemas first.",
        {"on_ddl": "IGNORE"},
        "Schema changes were not ignored",
    ),
    row(
        BOTH_SWITCHES,
        WARN,
        "A backup of main has been running since 01:50 UTC; "
        "with some Vitess versions a switch fails meanwhile.",
        passes="No backup is running",
        backups=(Backup(state="running", started_at=NOW - timedelta(minutes=24)),),
    ),
    row(BOTH_SWITCHES, INFO, "Look first: replication lag in the dashboard. This bot does not read it."),
    row(
        PRIMARIES,
        INFO,
        "By approving an import's primaries you state that the application is connected to PlanetScale.",
        IMPORT,
    ),
    row(
        PRIMARIES,
        INFO,
        "By approving an import's primaries you state that the application is connected to PlanetScale.",
        keyspaces=None,
    ),
    row(
        PRIMARIES,
        WARN,
        "Replica reads have not been tried on customer. "
        "Better: --replicas-only first, look, then the writes.",
        NOT_SWITCHED | {"switch_replicas_at": None},
        "Replica reads have been on customer since Sun 23:40 UTC",
    ),
    *(
        row(
            PRIMARIES,
            WARN,
            f"{tried} Better: --replicas-only first, look, then the writes.",
            NOT_SWITCHED | differs,
            replicas_tried_at=tried_at,
        )
        for tried, differs, tried_at in (
            (
                "Replica reads were on customer from Sun 23:40 UTC until traffic was reversed at 00:14 UTC.",
                {"reversed_at": ago(hours=2)},
                None,
            ),
            ("A switch of replica reads at Sun 23:40 UTC did not last.", {}, None),
            (
                "Replica reads were on customer at 01:14 UTC, and are not any more.",
                {"switch_replicas_at": None},
                NOW - timedelta(hours=1),
            ),
        )
    ),
    row(
        PRIMARIES,
        WARN,
        "Replica reads moved at 02:10 UTC, less than 15 min before this check.",
        {"switch_replicas_at": ago(minutes=4)},
        "Replica reads have been on customer since Sun 23:40 UTC",
    ),
    row(
        PRIMARIES,
        WARN,
        "customer is sharded and no global keyspace is set: tables with AUTO_INCREMENT need sequences.",
        {"global_keyspace": None},
        "Sequences have a keyspace, or are not needed",
    ),
    row(PRIMARIES, INFO, "Whether customer is sharded could not be read.", keyspaces=None),
]
