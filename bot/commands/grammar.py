"""The grammar: one table that the parser, help, usage errors, the README and the demo's completion read."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from bot.commands import flags, model
from bot.commands.names import Thing
from bot.commands.shapes import Choice, CommandGroup, Example, Flag, Positional, SubCommand

DATABASE: Final = Positional("DATABASE", "database", Thing.DATABASE, "The database.", found=True)
NUMBER: Final = Positional(
    "NUMBER",
    "number",
    Thing.NUMBER,
    "The workflow's number or name; list shows both.",
    required=False,
    found=True,
    name_field="named",
)
ANY_DATABASE: Final = Positional(
    "DATABASE", "database", Thing.DATABASE, "The database; without one, all of them.", required=False
)
ITS_DATABASE: Final = Positional("DATABASE", "database", Thing.DATABASE, "The database.")
"""Of a new workflow: it is never guessed."""
BRANCH: Final = Positional("BRANCH", "branch", Thing.BRANCH, "The branch.")

_AS_DATA: Final = (model.Format.HUMAN, model.Format.JSON, model.Format.CSV)
_APPROVED: Final = "By default a second person has to approve."
_CONFIRMED: Final = "By default you confirm it yourself; no second person is needed."
_WRITES_WAIT: Final = "Writes to these tables wait while it runs, usually for seconds. Some may fail."
_OTHER_WARNINGS: Final = "Warnings that need no flag stand on the card, for those who approve."
_LAG: Final = "Look first: replication lag in the dashboard. This bot does not read it."

SUB_COMMANDS: Final = (
    SubCommand(
        name="list",
        group=CommandGroup.LOOK,
        formats=_AS_DATA,
        makes=model.ListWorkflows,
        positionals=(ANY_DATABASE,),
        flags=(flags.ACTIVE, flags.NEEDS_ATTENTION),
        summary="Lists the workflows of a database, or what is active in all of them.",
        description=(
            "Shows number, name, state, who serves writes and since when; what needs somebody comes first, "
            "then what is active.",
            "Without a database: the active workflows of all databases that you may read. What could not be "
            "read is named.",
            "Changes nothing. Only you see the answer.",
        ),
        examples=(
            Example("/workflow list", "What is active, in all databases."),
            Example("/workflow list shop", "The workflows of shop."),
            Example("/workflow list --needs-attention", "What needs somebody, in all databases."),
            Example("/workflow list shop --format csv", "All of them, for a spreadsheet."),
        ),
    ),
    SubCommand(
        name="show",
        group=CommandGroup.LOOK,
        formats=_AS_DATA,
        makes=model.ShowWorkflow,
        positionals=(DATABASE, NUMBER),
        flags=(flags.CHART,),
        summary="Shows one workflow: who serves writes, progress, verification, the next step.",
        description=(
            "Reads the workflow afresh at PlanetScale.",
            "Changes nothing. Only you see the answer.",
        ),
        examples=(
            Example("/workflow show shop 3", "Workflow #3 of shop."),
            Example("/workflow show shop 3 --format json", "The same, to copy."),
            Example("/workflow show shop 3 --chart", "How its copy went, as a picture."),
        ),
        notes=("Row samples of a verification are left out in every format; see the dashboard.",),
    ),
    SubCommand(
        name="create",
        group=CommandGroup.ACT,
        makes=model.CreateWorkflow,
        positionals=(ITS_DATABASE, BRANCH),
        flags=flags.CREATE,
        summary="Creates a workflow, which begins to copy tables to another keyspace.",
        description=(
            "Copies the tables from the source keyspace to the target and then keeps the copies up to date. "
            "The copying begins at once and puts load on the source.",
            "Deletes nothing. Writes and reads stay on the source until somebody switches traffic.",
            "A branch has one active workflow at a time; a cut over one counts until it is completed.",
            "Way back: cancel deletes the copies.",
        ),
        examples=(
            Example("/workflow create shop main -i", "Opens a form that asks for the rest."),
            Example(
                "/workflow create shop main --name orders-to-customer --source-keyspace commerce "
                "--target-keyspace customer --tables orders,line_items",
                "Moves two tables from commerce to customer.",
            ),
        ),
        notes=(
            "Without a branch, or with -i, a form opens and asks for the rest.",
            "With a branch and without -i, the name, both keyspaces and the tables must be typed; "
            "if one is missing, the answer has a button to the form.",
        ),
    ),
    SubCommand(
        name="verify-data",
        group=CommandGroup.ACT,
        makes=model.ActOnWorkflow,
        positionals=(DATABASE, NUMBER),
        summary="Compares every row of the moved tables in source and target.",
        description=(
            "Takes minutes to hours and reads both sides. It cannot be stopped from here.",
            "Changes nothing. Streams pause for moments meanwhile: that is normal.",
            "A verification counts as fresh for 24 h.",
        ),
        examples=(Example("/workflow verify-data shop 3", "Verifies workflow #3 of shop."),),
    ),
    SubCommand(
        name="switch-traffic",
        group=CommandGroup.ACT,
        makes=model.ActOnWorkflow,
        positionals=(DATABASE, NUMBER),
        flags=(flags.REPLICAS_ONLY, flags.FORCE),
        summary="Switches the moved tables' traffic to the target keyspace.",
        description=(
            "Moves primary, replica and read-only queries for the tables from the source to the target. "
            "Better: --replicas-only first, look, then the writes.",
            "With --replicas-only, replica and read-only queries move. "
            "Writes, and reads that do not ask for a replica, stay on the source.",
            f"When writes move: {_WRITES_WAIT[0].lower()}{_WRITES_WAIT[1:]} "
            "Replication then turns round and keeps the source up to date.",
            "Deletes nothing. Way back: reverse-traffic, until the cutover.",
            _APPROVED,
        ),
        examples=(
            Example("/workflow switch-traffic shop 3 --replicas-only", "Replica reads first."),
            Example("/workflow switch-traffic shop 3", "Then the writes, and whatever has not moved yet."),
        ),
        warnings=(
            _LAG,
            "For an import, switch writes only when the application is connected to PlanetScale: "
            "if it still writes to the external database, the two diverge and data is lost.",
        ),
        notes=(
            "--force is needed where rows are known to differ. For the writes also where the data was never "
            "verified, and where the last verification broke off or was before a retry or a reverse.",
            _OTHER_WARNINGS,
        ),
    ),
    SubCommand(
        name="reverse-traffic",
        group=CommandGroup.ACT,
        makes=model.ActOnWorkflow,
        positionals=(DATABASE, NUMBER),
        summary="Reverses a switch: traffic goes back to the source keyspace.",
        description=(
            "All queries for the tables go back to the source: primary, replica and read-only. "
            "If only replicas were switched, writes were never moved and stay.",
            f"When writes go back: {_WRITES_WAIT[0].lower()}{_WRITES_WAIT[1:]}",
            "Deletes nothing. Writes made on the target meanwhile have been replicated back; "
            "PlanetScale waits until that has caught up.",
            "Possible until the cutover.",
            _CONFIRMED,
        ),
        examples=(Example("/workflow reverse-traffic shop 3", "The source serves everything again."),),
    ),
    SubCommand(
        name="cutover",
        group=CommandGroup.ACT,
        makes=model.ActOnWorkflow,
        positionals=(DATABASE, NUMBER),
        flags=(flags.FORCE,),
        final=True,
        summary="Cuts over: deletes the moved tables from the source keyspace.",
        description=(
            "Deletes the moved tables, with all rows, from the source keyspace. They cannot be brought back.",
            "Ends replication between source and target and removes the routing rules: "
            "a query that still names the source for these tables fails from then on.",
            "No way back for the tables. reverse-cutover only restores the routing rules.",
            _APPROVED,
        ),
        examples=(Example("/workflow cutover shop 3", "Asks to cut over workflow #3 of shop."),),
        warnings=(
            "The application no longer names the source keyspace (it uses @primary, @replica or no "
            "database name), and require_explicit_routing is out of the target's VSchema; with it, queries "
            "get “table not found”.",
            "Cutting over again after reverse-cutover deletes nothing more.",
        ),
        notes=(
            "--force is needed sooner after the writes moved than the policy's soak says (1 h if it says "
            "nothing) or where that time is not known, where the target's VSchema could not be read, and "
            "while a request that was lost may still take effect.",
            f"Recommended is a full day: before it, a warning says so. {_OTHER_WARNINGS}",
        ),
    ),
    SubCommand(
        name="reverse-cutover",
        group=CommandGroup.ACT,
        makes=model.ActOnWorkflow,
        positionals=(DATABASE, NUMBER),
        summary="Restores the routing rules after a cutover. It does not bring back tables.",
        description=(
            "Queries that still name the source for these tables are routed to the target again.",
            "It does not bring back the tables in the source: they were deleted at the cutover. "
            "All data stays in the target.",
            "Deletes nothing. Buys time to change the application; then cut over again.",
            _CONFIRMED,
        ),
        examples=(Example("/workflow reverse-cutover shop 3", "Restores the routing rules."),),
    ),
    SubCommand(
        name="complete",
        group=CommandGroup.ACT,
        makes=model.ActOnWorkflow,
        positionals=(DATABASE, NUMBER),
        final=True,
        summary="Completes a cut over workflow: acknowledges that the move is over.",
        description=(
            "Acknowledges the move and frees the branch for the next workflow.",
            "Deletes nothing: the tables left the source at the cutover.",
            "Ends the last way back: the routing rules cannot be restored any more.",
            _APPROVED,
        ),
        examples=(Example("/workflow complete shop 3", "Asks to complete workflow #3 of shop."),),
        warnings=(
            "For an import it stops replication back to the external database, closes the connection and "
            "removes its credentials from PlanetScale. It cannot be opened again.",
        ),
    ),
    SubCommand(
        name="cancel",
        group=CommandGroup.ACT,
        makes=model.ActOnWorkflow,
        positionals=(DATABASE, NUMBER),
        flags=(flags.FORCE,),
        final=True,
        summary="Cancels a workflow: deletes the copies in the target keyspace.",
        description=(
            "Deletes the copies in the target. A new workflow copies from the beginning.",
            "The source keeps all its data and serves everything, before and after. "
            "The workflow's routing rules are removed.",
            "No way back.",
            "Possible while no traffic is on the target; otherwise reverse-traffic first.",
            _APPROVED,
        ),
        examples=(Example("/workflow cancel shop 3", "Asks to cancel workflow #3 of shop."),),
        warnings=("A workflow cannot be paused. Cancelling may wait for hours while indexes are built.",),
        notes=("--force is needed while a request that was lost may still take effect.",),
    ),
    SubCommand(
        name="retry",
        group=CommandGroup.ACT,
        makes=model.ActOnWorkflow,
        positionals=(DATABASE, NUMBER),
        summary="Retries a workflow that stopped: it continues or starts over, PlanetScale decides.",
        description=(
            "If the error allows it, the copying continues where it stopped; "
            "otherwise it starts over from the beginning. Which one is not known beforehand.",
            "Starting over repeats the copying and its load on the source.",
            "By default you confirm it yourself once rows have been copied, "
            "and a second person has to approve once the copy was complete.",
        ),
        examples=(Example("/workflow retry shop 3", "Retries workflow #3 of shop."),),
        warnings=(
            "Stopped by a schema change? Compare the schemas in source and target first: "
            "a retry goes on after the change.",
        ),
    ),
    SubCommand(
        name="approvals",
        group=CommandGroup.BOT,
        makes=model.Approvals,
        positionals=(),
        summary="Lists what waits for a second person.",
        description=("Shows each request with who asked, until when, and a link. Only you see the answer.",),
        examples=(Example("/workflow approvals", "Everything that waits."),),
    ),
    SubCommand(
        name="history",
        group=CommandGroup.BOT,
        makes=model.History,
        positionals=(
            DATABASE,
            Positional(
                "NUMBER", "number", Thing.NUMBER, "One workflow only.", required=False, name_field="named"
            ),
        ),
        flags=flags.HISTORY,
        summary="Shows who asked for what, who decided, and how it ended.",
        description=("Shows what was asked for through this bot, newest first. Only you see the answer.",),
        examples=(
            Example("/workflow history shop", "All requests on shop."),
            Example("/workflow history shop 3", "Those on workflow #3."),
            Example("/workflow history shop --by @ana --since 2026-11-01", "What Ana asked for or decided."),
            Example("/workflow history shop --action cutover --denied", "Cutovers that somebody denied."),
        ),
    ),
    SubCommand(
        name="report",
        group=CommandGroup.BOT,
        formats=(model.Format.HUMAN, model.Format.MARKDOWN),
        makes=model.ReportWorkflow,
        positionals=(DATABASE, NUMBER),
        summary="Tells how a move went: its stages, who asked and approved what, what went wrong.",
        description=(
            "Told from what this bot kept. Nothing is read at PlanetScale; what was not seen is called so.",
            "Changes nothing. Only you see the answer.",
        ),
        examples=(
            Example("/workflow report shop 3", "The move of workflow #3 of shop."),
            Example("/workflow report shop 3 --format markdown", "The same to keep, or as a file."),
        ),
    ),
    SubCommand(
        name="watch",
        group=CommandGroup.BOT,
        makes=model.WatchWorkflow,
        positionals=(DATABASE, NUMBER),
        summary="Watches a workflow and tells this channel about it.",
        description=("Posts one live message here and what matters as it is seen. Changes nothing.",),
        examples=(Example("/workflow watch shop 3", "Watches workflow #3 of shop here."),),
    ),
    SubCommand(
        name="unwatch",
        group=CommandGroup.BOT,
        makes=model.UnwatchWorkflow,
        positionals=(DATABASE, NUMBER),
        summary="Stops watching a workflow.",
        description=("The live message stays as it is. Changes nothing at PlanetScale.",),
        examples=(Example("/workflow unwatch shop 3", "Stops watching workflow #3 of shop here."),),
    ),
    SubCommand(
        name="help",
        group=CommandGroup.BOT,
        makes=model.Help,
        positionals=(
            Positional("SUB-COMMAND", "topic", Thing.SUB_COMMAND, "What to explain.", required=False),
        ),
        summary="Explains a sub-command, or all of them.",
        description=("The same as --help after a sub-command. Only you see the answer.",),
        examples=(
            Example("/workflow help", "All sub-commands."),
            Example("/workflow help switch-traffic", "One of them: what it does, its flags, examples."),
        ),
    ),
)

BY_NAME: Final[Mapping[str, SubCommand]] = MappingProxyType({sub.name: sub for sub in SUB_COMMANDS})

MEANT: Final[Mapping[str, str]] = MappingProxyType(
    {
        **dict.fromkeys(("ls", "workflows", "all"), "list"),
        **dict.fromkeys(("status", "get", "describe", "info", "view", "progress"), "show"),
        **dict.fromkeys(("new", "add", "start", "begin", "move", "copy"), "create"),
        **dict.fromkeys(("verify", "vdiff", "check", "diff", "compare"), "verify-data"),
        **dict.fromkeys(("switch", "switch-replicas", "switch-primaries"), "switch-traffic"),
        **dict.fromkeys(("reverse", "rollback", "roll-back", "undo", "revert", "back"), "reverse-traffic"),
        **dict.fromkeys(("restore", "restore-routing-rules"), "reverse-cutover"),
        **dict.fromkeys(("cut",), "cutover"),
        **dict.fromkeys(("finish", "finalize", "finalise", "done", "end", "ack", "acknowledge"), "complete"),
        **dict.fromkeys(("delete", "remove", "drop", "abort", "kill", "rm"), "cancel"),
        **dict.fromkeys(("restart", "resume", "continue", "again"), "retry"),
        **dict.fromkeys(("log", "logs", "audit"), "history"),
        **dict.fromkeys(("summary", "record", "postmortem", "story"), "report"),
        **dict.fromkeys(("follow", "subscribe"), "watch"),
        **dict.fromkeys(("unfollow", "unsubscribe", "mute"), "unwatch"),
        **dict.fromkeys(("approve", "approval", "pending", "waiting", "requests"), "approvals"),
        **dict.fromkeys(("?", "usage", "man", "commands"), "help"),
    }
)
"""Words that people type for a sub-command. They are not accepted: the sub-command is suggested."""


def choices_of(sub: SubCommand | None, flag: Flag) -> tuple[Choice, ...]:
    """What `flag` may be on `sub`: of `--format` the forms that its answer has, where it has several."""
    if flag is not flags.FORMAT or sub is None or len(sub.formats) == 1:
        return flag.choices
    return tuple(choice for choice in flag.choices if choice.value in sub.formats)


def flags_of(sub: SubCommand) -> tuple[Flag, ...]:
    """The flags that mean something on a sub-command, its own first."""
    on_actions = flags.ON_ACTIONS if sub.group is CommandGroup.ACT else ()
    return (*sub.flags, *on_actions, *flags.GLOBAL)


def owners(flag: Flag) -> tuple[str, ...]:
    """The sub-commands that a flag belongs to; empty for one that all of them, or all actions, have."""
    return tuple(sub.name for sub in SUB_COMMANDS if flag in sub.flags)


def sub_command_of(command: model.Command) -> SubCommand:
    """The row of the table that a command came from."""
    if isinstance(command, model.ActOnWorkflow):
        return BY_NAME[command.action.value]
    return next(sub for sub in SUB_COMMANDS if sub.makes is type(command))
