"""What every action on a workflow is checked for."""

from dataclasses import replace
from datetime import timedelta

from bot.planetscale.calls import WorkflowCall
from bot.workflows.checks.facts import RequestStage
from tests.builders import NOW
from tests.workflows.rows.row import (
    ALL,
    BLOCK,
    CANCEL,
    COMPLETE,
    CUTOVER,
    FORCE,
    IMPORT,
    LINK,
    PRIMARIES,
    REPLICAS,
    WARN,
    request,
    row,
)

EVERY_ACTION = [
    row(
        ALL,
        BLOCK,
        "PlanetScale could not be read, so nothing could be checked. Try again.",
        passes="Read at 02:13 UTC",
        unread=True,
    ),
    row(
        ALL,
        BLOCK,
        "shop #3 is in a state this bot does not know (`resharding`). "
        "Look at the dashboard, and act with pscale.",
        {"state": "resharding"},
    ),
    *(
        row(
            ALL,
            BLOCK,
            f"shop #3 has been {words} since 02:13 UTC. Wait for it to end.",
            {"state": state},
            "Nothing is under way",
            state_since=NOW - timedelta(seconds=50),
        )
        for state, words in {
            "switching_replicas": "switching replica reads",
            "switching_primaries": "switching primaries",
            "reversing_traffic": "reversing traffic",
            "reversing_traffic_for_cancel": "reversing traffic before it is cancelled",
            "cutting_over": "cutting over",
            "cancelling": "cancelling",
        }.items()
    ),
    row(
        tuple(call for call in ALL if call is not CANCEL),
        BLOCK,
        "shop #3 is verifying data. Wait for it to end.",
        {"state": "verifying_data"},
        "Nothing is under way",
    ),
    row(
        ALL,
        BLOCK,
        f"The outcome of Ben's cutover of shop #3 is not known yet: {LINK}",
        passes="No request is running",
        others=(request(CUTOVER, RequestStage.UNKNOWN, "Ben"),),
    ),
    row(
        ALL,
        BLOCK,
        f"Ben's switch-traffic of shop #3 is under way: {LINK}",
        passes="No request is running",
        others=(request(REPLICAS, RequestStage.RUNNING, "Ben"),),
    ),
    *(
        row(
            calls,
            level,
            "The outcome of Ben's reverse-traffic of shop #3 is not known: it may still take effect until "
            f"02:20 UTC: {LINK}",
            differs,
            passes="No request is running",
            others=(
                replace(
                    request(WorkflowCall.REVERSE_TRAFFIC, RequestStage.IN_DOUBT, "Ben"),
                    late_until=NOW + timedelta(minutes=6),
                ),
            ),
        )
        for calls, level, differs in (
            ((CUTOVER, CANCEL), FORCE, {}),
            (COMPLETE, BLOCK, IMPORT),
            (COMPLETE, WARN, {}),
            (tuple(call for call in ALL if call not in {CUTOVER, CANCEL, COMPLETE}), WARN, {}),
        )
    ),
    *(
        row(
            call,
            BLOCK,
            f"Chioma asked for the same at 02:05 UTC: {LINK}",
            passes="Nobody else asks for this",
            others=(request(call),),
        )
        for call in ALL
    ),
    row(
        tuple(call for call in ALL if call is not PRIMARIES),
        WARN,
        f"Chioma's request to switch primaries waits as well: {LINK}",
        others=(request(PRIMARIES),),
    ),
]
