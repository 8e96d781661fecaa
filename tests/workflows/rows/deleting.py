"""What is checked before tables are deleted, or the last way back ends."""

from datetime import timedelta

from bot.planetscale.models import Backup
from tests.builders import NOW
from tests.workflows.checking import COMMERCE, CUSTOMER, FINE
from tests.workflows.rows.row import (
    BLOCK,
    CANCEL,
    COMPLETE,
    COPYING,
    CUTOVER,
    FORCE,
    IMPORT,
    INFO,
    NOT_SWITCHED,
    PRIMARIES,
    RESTORED,
    WARN,
    ago,
    row,
    stream,
)

CUTOVERS = [
    row(
        CUTOVER, BLOCK, "Writes are still on commerce. Switch first.", FINE[PRIMARIES], "The state allows it"
    ),
    row(CUTOVER, BLOCK, "Writes are still on commerce. Switch first.", NOT_SWITCHED),
    row(CUTOVER, BLOCK, "Writes are still on commerce.", {"primaries_switched": False}),
    row(
        CUTOVER,
        BLOCK,
        "Replica reads are still on commerce although writes moved. PlanetScale support.",
        {"replicas_switched": False},
        "The state allows it",
    ),
    row(CUTOVER, BLOCK, "shop #3 is running.", {"state": "running"}),
    row(CUTOVER, BLOCK, "shop #3 is cut over.", {"state": "cutover"}),
    row(CUTOVER, BLOCK, "shop #3 is in error.", {"state": "error"}),
    row(
        (CUTOVER, CANCEL),
        BLOCK,
        "PlanetScale did not list the tables of shop #3, so this card could not say what is deleted. "
        "Look at the dashboard, and act with pscale.",
        {"tables": None},
        "The tables are named: orders and line_items",
    ),
    row(
        CUTOVER,
        BLOCK,
        "customer's VSchema still has require_explicit_routing. "
        "Remove it first, or queries fail with “table not found”.",
        passes="customer's VSchema has no require_explicit_routing",
        target_vschema='{"require_explicit_routing": true}',
    ),
    row(
        CUTOVER,
        BLOCK,
        "This is an import. It ends with complete, not with a cutover.",
        IMPORT,
        "This is no import",
    ),
    row(
        CUTOVER,
        BLOCK,
        "This is an import. It ends with complete, not with a cutover.",
        keyspaces=(COMMERCE.model_copy(update={"imported": True}), CUSTOMER),
    ),
    row(CUTOVER, INFO, "Whether this is an import could not be read.", keyspaces=None),
    *(
        row(
            CUTOVER,
            FORCE,
            "customer's VSchema could not be read; it must not have require_explicit_routing.",
            passes="customer's VSchema has no require_explicit_routing",
            target_vschema=text,
        )
        for text in (None, "", "<html>", "[]", "[" * 100_000)
    ),
    row(
        CUTOVER,
        FORCE,
        "Writes moved at 01:22 UTC, less than 1 h before this check. Recommended: a full day, with its peak.",
        {"switch_primaries_at": ago(minutes=52)},
        "Writes on customer since Sun 00:14 UTC",
    ),
    row(
        CUTOVER,
        WARN,
        "Writes moved at 01:14 UTC, less than 24 h before this check. "
        "Recommended: a full day, with its peak.",
        {"switch_primaries_at": ago(minutes=60)},
        "Writes on customer since Sun 00:14 UTC",
    ),
    row(
        CUTOVER,
        FORCE,
        "Writes moved at Sun 00:14 UTC, less than 2 d before this check. "
        "Recommended: a full day, with its peak.",
        soak=timedelta(days=2),
        passes="Writes on customer since Sun 00:14 UTC",
    ),
    row(
        CUTOVER,
        FORCE,
        "When writes moved is not known. Recommended: a full day, with its peak.",
        {"switch_primaries_at": None},
    ),
    *(
        row(
            CUTOVER,
            WARN,
            "No backup of main in the 24 h before this check.",
            passes="Last backup of main: 02:00 UTC",
            backups=backups,
        )
        for backups in (
            (),
            (Backup(state="success", completed_at=NOW - timedelta(hours=25)),),
            (Backup(state="failed", completed_at=NOW - timedelta(hours=1)),),
            (Backup(state="running"),),
        )
    ),
    row(CUTOVER, WARN, "Backups could not be read.", passes="Last backup of main: 02:00 UTC", backups=None),
    row(
        CUTOVER,
        WARN,
        "Primaries were switched with --force although 17 rows differed.",
        passes="Primaries were not switched over known differences",
        forced_over_rows=17,
    ),
    row(
        CUTOVER,
        INFO,
        "the application no longer names commerce for these tables "
        "(it uses @primary, @replica or no database name)",
    ),
    row(CUTOVER, INFO, "errors and latency have been looked at since the switch"),
]

COMPLETES = [
    row(
        COMPLETE,
        BLOCK,
        "shop #3 is not cut over yet; there is nothing to complete.",
        FINE[CUTOVER],
        "The state allows it",
    ),
    row(
        COMPLETE,
        BLOCK,
        "Writes are still on the external database.",
        IMPORT | NOT_SWITCHED,
        "The state allows it",
    ),
    row(
        COMPLETE,
        BLOCK,
        "The routing rules have been back since 02:00 UTC: the application still needs them. "
        "Cut over again first.",
        RESTORED,
        "The state allows it",
        state_since=NOW - timedelta(minutes=14),
    ),
    row(COMPLETE, BLOCK, "shop #3 is completed.", {"state": "completed"}),
    row(COMPLETE, BLOCK, "shop #3 is in error.", {"state": "error"}),
    row(
        COMPLETE,
        WARN,
        "Cut over at 02:02 UTC, less than an hour before this check.",
        {"cutover_at": ago(minutes=12)},
        "Cut over at Sun 00:14 UTC, routing rules never had to be restored",
    ),
]


AT_INDEXES = COPYING | {"tables": [{"name": "orders"}, {"name": "line_items", "rows_percentage": 98.2}]}
BROKEN_SWITCH = (
    "Which keyspace serves writes is not certain; deleting the copies could delete live data. "
    "PlanetScale support."
)
CANCELS = [
    row(
        CANCEL,
        BLOCK,
        "Replica reads are on customer. Reverse first: /workflow reverse-traffic shop 3",
        FINE[PRIMARIES],
        "No traffic is on customer",
    ),
    row(
        CANCEL,
        BLOCK,
        "Replica reads are on customer. Reverse first: /workflow reverse-traffic shop 3",
        {"replicas_switched": True},
    ),
    row(
        CANCEL,
        BLOCK,
        "Writes are on customer. Reverse first: /workflow reverse-traffic shop 3",
        FINE[CUTOVER],
        "No traffic is on customer",
    ),
    row(
        CANCEL,
        BLOCK,
        "Writes are on customer. Reverse first: /workflow reverse-traffic shop 3",
        {"replicas_switched": None, "primaries_switched": None} | stream(primary_serving=True),
    ),
    *(
        row(
            CANCEL,
            BLOCK,
            "shop #3 is cut over: the tables in commerce are gone, customer is the only copy.",
            differs,
            "The state allows it",
        )
        for differs in (FINE[COMPLETE], RESTORED)
    ),
    *(
        row(
            CANCEL,
            BLOCK,
            f"shop #3 is {is_now} and a cutover was tried{at}. "
            "customer may have the only copy of the tables. PlanetScale support.",
            differs,
            switch_tried_at=NOW - timedelta(minutes=10),
        )
        for is_now, at, differs in (
            ("stopped", " at 00:14 UTC", {"state": "stopped", "cutover_at": ago(hours=2)}),
            ("in error", " at 00:14 UTC", {"state": "error", "cutover_at": ago(hours=2)}),
            ("in error", "", {"state": "error", "cutover_by": {"display_name": "Ben"}}),
            ("running", " at 00:14 UTC", {"state": "running", "cutover_at": ago(hours=2)}),
        )
    ),
    row(
        CANCEL,
        BLOCK,
        f"shop #3 is in error and a switch was tried at 02:04 UTC. {BROKEN_SWITCH}",
        {"state": "error", "switch_primaries_at": ago(minutes=10), "switch_replicas_at": ago(hours=3)},
        "The state allows it",
    ),
    row(
        CANCEL,
        BLOCK,
        f"shop #3 is in error and a switch was tried at 02:04 UTC. {BROKEN_SWITCH}",
        {"state": "error"},
        switch_tried_at=NOW - timedelta(minutes=10),
    ),
    row(
        CANCEL,
        BLOCK,
        f"shop #3 is in error and a switch was tried. {BROKEN_SWITCH}",
        {"state": "error", "replicas_switched": True},
    ),
    row(CANCEL, BLOCK, "shop #3 is completed.", {"state": "completed"}),
    row(CANCEL, BLOCK, "shop #3 is cancelled.", {"state": "cancelled"}),
    row(
        CANCEL,
        WARN,
        "line_items seems to be building indexes: cancelling may wait for that, for hours.",
        AT_INDEXES,
        "No table seems to be building indexes",
    ),
    row(
        CANCEL,
        WARN,
        "One of the tables seems to be building indexes: cancelling may wait for that, for hours.",
        {"state": "copying", "data_copy_completed_at": None},
    ),
    row(
        CANCEL,
        WARN,
        "A verification is running; it ends with the workflow.",
        {"state": "verifying_data"},
        "No verification is running",
    ),
]
