"""Every flag, as data."""

from typing import Final

from bot.commands.model import ActionName, Format, OnDdl
from bot.commands.names import Thing
from bot.commands.shapes import Choice, Flag, ValueKind

FORCE: Final = Flag(
    name="force",
    kind=ValueKind.SWITCH,
    field="force",
    default=False,
    help=(
        "Goes on in spite of the warnings that need it. "
        "It overrides no refusal and never replaces the second person."
    ),
)
REPLICAS_ONLY: Final = Flag(
    name="replicas-only",
    kind=ValueKind.SWITCH,
    field="replicas_only",
    default=False,
    help="Moves replica and read-only queries only. Writes, and reads that do not ask for a replica, stay.",
)
REASON: Final = Flag(
    name="reason",
    kind=ValueKind.TEXT,
    field="reason",
    placeholder='"…"',
    help="Why, in your own words: it stands on the card and in the history. With --force it must be there.",
)
HISTORY: Final = (
    Flag(
        name="by",
        kind=ValueKind.PERSON,
        field="by",
        placeholder="<@PERSON>",
        help="Only what this person asked for or decided.",
    ),
    Flag(
        name="action",
        kind=ValueKind.CHOICE,
        field="action",
        placeholder="<ACTION>",
        choices=tuple(Choice(one, "") for one in ActionName),
        help=f"Only one action: {', '.join(ActionName)}.",
    ),
    Flag(
        name="since",
        kind=ValueKind.DAY,
        field="since",
        placeholder="<DATE>",
        help="Only what was asked for from this day on (UTC), such as 2026-11-01.",
    ),
    Flag(
        name="denied",
        kind=ValueKind.SWITCH,
        field="denied",
        default=False,
        help="Only what somebody denied.",
    ),
    Flag(
        name="refused",
        kind=ValueKind.SWITCH,
        field="refused",
        default=False,
        help="Only what was refused before anybody else saw it; without the flag it is counted, not shown.",
    ),
    Flag(
        name="page",
        kind=ValueKind.NUMBER,
        field="page",
        placeholder="<NUMBER>",
        default=1,
        help="Which page; the buttons under the answer turn it.",
    ),
)
CHART: Final = Flag(
    name="chart",
    kind=ValueKind.SWITCH,
    field="chart",
    default=False,
    help="Draws rows and rate over time as a picture, for a workflow that is watched.",
)
ACTIVE: Final = Flag(
    name="active",
    kind=ValueKind.SWITCH,
    field="active",
    default=False,
    help="Only what has not ended.",
)
NEEDS_ATTENTION: Final = Flag(
    name="needs-attention",
    kind=ValueKind.SWITCH,
    field="needs_attention",
    default=False,
    help=(
        "Only what needs somebody: an error, a request that waits, data that differs, what stands still, "
        "a cutover to complete, a verification that does not count any more."
    ),
)

CREATE: Final = (
    Flag(
        name="name",
        kind=ValueKind.NAME,
        field="name",
        thing=Thing.WORKFLOW,
        placeholder="<NAME>",
        required=True,
        help="The workflow's name.",
    ),
    Flag(
        name="source-keyspace",
        kind=ValueKind.NAME,
        field="source_keyspace",
        thing=Thing.KEYSPACE,
        placeholder="<KEYSPACE>",
        required=True,
        help="The keyspace that has the tables now.",
    ),
    Flag(
        name="target-keyspace",
        kind=ValueKind.NAME,
        field="target_keyspace",
        thing=Thing.KEYSPACE,
        placeholder="<KEYSPACE>",
        required=True,
        help="The keyspace that the tables move to.",
    ),
    Flag(
        name="tables",
        kind=ValueKind.LIST,
        field="tables",
        thing=Thing.TABLE,
        placeholder="<TABLE,…>",
        default=(),
        required=True,
        help="The tables to move, with commas between them. The flag may be repeated.",
    ),
    Flag(
        name="global-keyspace",
        kind=ValueKind.NAME,
        field="global_keyspace",
        thing=Thing.KEYSPACE,
        placeholder="<KEYSPACE>",
        help="An unsharded keyspace for the sequence tables of AUTO_INCREMENT columns. Default: the source.",
    ),
    Flag(
        name="defer-secondary-keys",
        kind=ValueKind.SWITCH,
        field="defer_secondary_keys",
        default=True,
        help="Builds a table's secondary indexes after its rows are copied. On; switch off with =false.",
    ),
    Flag(
        name="on-ddl",
        kind=ValueKind.CHOICE,
        field="on_ddl",
        placeholder="<ACTION>",
        default=OnDdl.STOP,
        choices=(
            Choice(
                OnDdl.STOP,
                "The workflow stops. You compare the schemas, then retry. (recommended)",
            ),
            Choice(
                OnDdl.EXEC,
                "It is run on the target too; the workflow stops if that fails. "
                "It may take long and slow the target.",
            ),
            Choice(
                OnDdl.EXEC_IGNORE,
                "It is run on the target too, and a failure is ignored. The schemas may differ afterwards.",
            ),
            Choice(
                OnDdl.IGNORE,
                "It is not run on the target. The schemas will differ; you make the change there yourself.",
            ),
        ),
        help="What to do when a schema change reaches these tables while the workflow runs. Default: STOP.",
    ),
    Flag(
        name="interactive",
        short="i",
        kind=ValueKind.SWITCH,
        field="interactive",
        default=False,
        help="Opens a form that asks for what was not typed.",
    ),
)

ORG: Final = Flag(
    name="org",
    kind=ValueKind.NAME,
    field="organization",
    thing=Thing.ORGANIZATION,
    placeholder="<ORGANIZATION>",
    help="The PlanetScale organization. Default: the one set on the server.",
)
FORMAT: Final = Flag(
    name="format",
    short="f",
    kind=ValueKind.CHOICE,
    field="format",
    placeholder="<FORMAT>",
    default=Format.HUMAN,
    choices=(
        Choice(Format.HUMAN, "For reading (the default)."),
        Choice(Format.JSON, "The same data as JSON to copy, or as a file when it is long."),
        Choice(Format.CSV, "The same data as CSV to copy, or as a file when it is long."),
        Choice(Format.MARKDOWN, "A report as Markdown to keep, or as a file when it is long."),
    ),
    help="How the answer of list, show and report is written. Default: human.",
)
HELP: Final = Flag(
    name="help", short="h", kind=ValueKind.SWITCH, help="Shows this page and does nothing else."
)

GLOBAL: Final = (ORG, FORMAT, HELP)
"""On every sub-command."""

ON_ACTIONS: Final = (REASON,)
"""On every sub-command that asks for an action."""

MEANINGLESS: Final = (
    Flag(name="no-color", kind=ValueKind.SWITCH, help="Means nothing in chat; accepted and ignored."),
    Flag(name="debug", kind=ValueKind.SWITCH, help="Means nothing in chat; accepted and ignored."),
)
"""On every sub-command, because a pasted line may carry them."""

REFUSED: Final = (
    "api-token",
    "service-token",
    "service-token-id",
    "service-token-name",
    "api-url",
    "config",
)
"""Secrets and endpoints: set on the server, refused in chat. `service-token-name` is the id's old name."""

ENDPOINTS: Final = frozenset({"api-url", "config"})
"""Those of the refused ones that hold no secret by themselves."""

BY_NAME: Final = {
    flag.name: flag
    for flag in (
        FORCE,
        REPLICAS_ONLY,
        CHART,
        ACTIVE,
        NEEDS_ATTENTION,
        *CREATE,
        *HISTORY,
        *ON_ACTIONS,
        *GLOBAL,
        *MEANINGLESS,
    )
}
BY_SHORT: Final = {flag.short: flag for flag in BY_NAME.values() if flag.short}
