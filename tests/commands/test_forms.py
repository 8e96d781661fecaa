"""Every form of the grammar, as tables: what is typed, and the command that comes of it."""

from typing import Any

import pytest

from bot.commands.flags import MEANINGLESS
from bot.commands.grammar import SUB_COMMANDS
from bot.commands.model import (
    ActionName,
    ActOnWorkflow,
    Approvals,
    Command,
    CreateWorkflow,
    Format,
    Help,
    History,
    ListWorkflows,
    OnDdl,
    ShowWorkflow,
    Start,
    UnwatchWorkflow,
    WatchWorkflow,
)
from bot.commands.parser import parse
from bot.commands.shapes import Flag, SubCommand
from tests.rows import each_row

FULL_CREATE = (
    "create shop main --name move --source-keyspace commerce --target-keyspace customer --tables orders"
)


def act(action: ActionName, **differs: Any) -> ActOnWorkflow:
    return ActOnWorkflow(action=action, database="shop", number=3, **differs)


@each_row(
    ("text", "command"),
    [
        ("list shop", ListWorkflows(database="shop")),
        ("show shop 3", ShowWorkflow(database="shop", number=3)),
        ("show shop 3 --chart", ShowWorkflow(database="shop", number=3, chart=True)),
        ("verify-data shop 3", act(ActionName.VERIFY_DATA)),
        ("switch-traffic shop 3", act(ActionName.SWITCH_TRAFFIC)),
        ("switch-traffic shop 3 --replicas-only", act(ActionName.SWITCH_TRAFFIC, replicas_only=True)),
        ("switch-traffic shop 3 --force", act(ActionName.SWITCH_TRAFFIC, force=True)),
        (
            "switch-traffic shop 3 --force --replicas-only",
            act(ActionName.SWITCH_TRAFFIC, replicas_only=True, force=True),
        ),
        ("reverse-traffic shop 3", act(ActionName.REVERSE_TRAFFIC)),
        ("cutover shop 3", act(ActionName.CUTOVER)),
        ("cutover shop 3 --force", act(ActionName.CUTOVER, force=True)),
        ("reverse-cutover shop 3", act(ActionName.REVERSE_CUTOVER)),
        ("complete shop 3", act(ActionName.COMPLETE)),
        ("cancel shop 3", act(ActionName.CANCEL)),
        ("cancel shop 3 --force", act(ActionName.CANCEL, force=True)),
        ("retry shop 3", act(ActionName.RETRY)),
        (
            FULL_CREATE,
            CreateWorkflow(
                database="shop",
                branch="main",
                name="move",
                source_keyspace="commerce",
                target_keyspace="customer",
                tables=("orders",),
            ),
        ),
        ("create shop main -i", CreateWorkflow(database="shop", branch="main", interactive=True)),
        ("create shop main --interactive", CreateWorkflow(database="shop", branch="main", interactive=True)),
        ("cancel shop 3 --reason now", act(ActionName.CANCEL, reason="now")),
        ('cancel --reason="it\'s late" shop 3', act(ActionName.CANCEL, reason="it's late")),
        ("cancel shop 3 —reason “it’s late”", act(ActionName.CANCEL, reason="it's late")),
        ("cancel shop 3 --reason ‘it’s late’", act(ActionName.CANCEL, reason="it's late")),
        ("cancel shop 3 --reason it’s", act(ActionName.CANCEL, reason="it's")),
        ("cancel --reason one --reason two shop 3", act(ActionName.CANCEL, reason="two")),
        ("watch shop 3", WatchWorkflow(database="shop", number=3)),
        ("unwatch shop 3", UnwatchWorkflow(database="shop", number=3)),
        ("approvals", Approvals()),
        ("history shop", History(database="shop")),
        ("history shop 3", History(database="shop", number=3)),
        ("", Start()),
        ("   ", Start()),
        ("/workflow", Start()),
        ("pscale workflow", Help()),
        # What is left out
        ("list", ListWorkflows()),
        ("list 3", ListWorkflows(database="3")),
        ("show", ShowWorkflow()),
        ("show shop", ShowWorkflow(database="shop")),
        ("show 3", ShowWorkflow(number=3)),
        ("show #3 --format json", ShowWorkflow(number=3, format=Format.JSON)),
        ("switch-traffic 3", ActOnWorkflow(action=ActionName.SWITCH_TRAFFIC, number=3)),
        ("switch-traffic shop", ActOnWorkflow(action=ActionName.SWITCH_TRAFFIC, database="shop")),
        ("cancel --force", ActOnWorkflow(action=ActionName.CANCEL, force=True)),
        ("watch", WatchWorkflow()),
        ("unwatch 3", UnwatchWorkflow(number=3)),
        ("history", History()),
        ("history 3", History(number=3)),
        ("help", Help()),
        ("--help", Help()),
        ("-h", Help()),
        ("help switch-traffic", Help(topic="switch-traffic")),
        ("help help", Help(topic="help")),
    ],
)
def test_each_form_of_each_sub_command(text: str, command: Command) -> None:
    """Each sub-command is understood in each of its forms."""
    assert parse(text) == command


@each_row("sub", [sub for sub in SUB_COMMANDS if sub.makes is not Help], ids=lambda sub: sub.name)
@each_row("ask", ["--help", "-h", "-H", "--HELP", "--help=true", "—help", "-ih", "–h"])
def test_help_flag_anywhere_explains_the_sub_command(sub: SubCommand, ask: str) -> None:
    """`--help` after or before a sub-command explains it, even where the rest of the line is wrong."""
    assert parse(f"{sub.name} {ask}") == Help(topic=sub.name)
    assert parse(f"{ask} {sub.name} Sh.op -1 --on-ddl never --frobnicate") == Help(topic=sub.name)


def test_help_can_be_switched_off_and_quoted_away() -> None:
    """`--help=false` asks for no help, and neither does `-h` after `--`."""
    assert parse("show shop 3 --help=false") == ShowWorkflow(database="shop", number=3)
    assert not isinstance(parse("show shop -- -h"), Help)


@each_row(
    ("text", "values"),
    [
        ("--name=n", {"name": "n"}),
        ("--name n", {"name": "n"}),
        ("--name 'n'", {"name": "n"}),
        ('"--name" n', {"name": "n"}),
        ("--name first --name second", {"name": "second"}),
        ("--source-keyspace commerce", {"source_keyspace": "commerce"}),
        ("--target-keyspace=customer", {"target_keyspace": "customer"}),
        ("--global-keyspace commerce", {"global_keyspace": "commerce"}),
        ("--defer-secondary-keys", {"defer_secondary_keys": True}),
        ("--defer-secondary-keys=true", {"defer_secondary_keys": True}),
        ("--defer-secondary-keys=1", {"defer_secondary_keys": True}),
        ("--defer-secondary-keys=T", {"defer_secondary_keys": True}),
        ("--defer-secondary-keys=false", {"defer_secondary_keys": False}),
        ("--defer-secondary-keys=FALSE", {"defer_secondary_keys": False}),
        ("--defer-secondary-keys=0", {"defer_secondary_keys": False}),
        ("--defer-secondary-keys=f", {"defer_secondary_keys": False}),
        ("--defer-secondary-keys=false --defer-secondary-keys", {"defer_secondary_keys": True}),
        ("--on-ddl STOP", {"on_ddl": OnDdl.STOP}),
        ("--on-ddl EXEC", {"on_ddl": OnDdl.EXEC}),
        ("--on-ddl=EXEC_IGNORE", {"on_ddl": OnDdl.EXEC_IGNORE}),
        ("--on-ddl ignore", {"on_ddl": OnDdl.IGNORE}),
        ("--tables a", {"tables": ("a",)}),
        ("--tables a,b", {"tables": ("a", "b")}),
        ("--tables=a,b", {"tables": ("a", "b")}),
        ("--tables a --tables b,c", {"tables": ("a", "b", "c")}),
        ("--tables b,a,b --tables a", {"tables": ("b", "a")}),
        ("--tables ,a,,b", {"tables": ("a", "b")}),
        ("--tables 'a, b'", {"tables": ("a", "b")}),
        ("--tables a, b", {"tables": ("a", "b")}),
        ("--tables a ,b , c", {"tables": ("a", "b", "c")}),
        ("--tables order-items,größe,$x", {"tables": ("order-items", "größe", "$x")}),
        ("--tables 'two words'", {"tables": ("two words",)}),
        ("""--tables '"a,b",c'""", {"tables": ("a,b", "c")}),
        ("--tables=-x", {"tables": ("-x",)}),
        ("--org acme", {"organization": "acme"}),
        ("--org=Acme_2", {"organization": "Acme_2"}),
        ("--format json", {"format": Format.JSON}),
        ("--format=CSV", {"format": Format.CSV}),
        ("--format human", {"format": Format.HUMAN}),
        ("-f json", {"format": Format.JSON}),
        ("-f=json", {"format": Format.JSON}),
        ("-fjson", {"format": Format.JSON}),
        ("-f json -f csv", {"format": Format.CSV}),
        ("-if json", {"format": Format.JSON}),
        ("-ifjson", {"format": Format.JSON}),
        ("-i", {"interactive": True}),
        ("-i=true", {"interactive": True}),
        ("-I", {"interactive": True}),
        ("--NAME n", {"name": "n"}),
    ],
)
def test_each_flag_in_each_form(text: str, values: dict[str, Any]) -> None:
    """Each flag takes its value after a space, after `=`, or as short forms do; the last use wins."""
    ignored = values.get("format", Format.HUMAN) is not Format.HUMAN
    notes = ("--format has no effect on create and was ignored.",) if ignored else ()
    wanted = CreateWorkflow(database="shop", branch="main", notes=notes, **{"interactive": True, **values})
    assert parse(f"create shop main -i {text}") == wanted
    assert parse(f"{text} create shop main -i") == wanted
    assert parse(f"create {text} --interactive shop main") == wanted


@pytest.mark.parametrize("sub", ["switch-traffic", "cutover", "cancel"])
def test_force_can_be_taken_back(sub: str) -> None:
    """`--force=false` is the same as no `--force`."""
    assert parse(f"{sub} shop 3 --force --force=false") == act(ActionName(sub))


@pytest.mark.parametrize("sub", SUB_COMMANDS, ids=lambda sub: sub.name)
def test_organization_and_format_on_every_sub_command(sub: SubCommand) -> None:
    """Every sub-command but help carries `--org` and `--format`."""
    command = parse(f"{sub.examples[0].line} --org acme -f json")
    assert isinstance(command, sub.makes)
    if not isinstance(command, Help):
        assert isinstance(command, Command)
        assert (command.organization, command.format) == ("acme", Format.JSON)


@pytest.mark.parametrize("flag", MEANINGLESS, ids=lambda flag: flag.name)
@pytest.mark.parametrize("value", ["", "=true", "=false", "=x"])
def test_terminal_flags_are_ignored_with_a_note(flag: Flag, value: str) -> None:
    """`--no-color` and `--debug` are accepted, and the answer says once that they mean nothing here."""
    note = f"--{flag.name} means nothing in chat and was ignored."
    typed = f"--{flag.name}{value}"
    assert parse(f"{typed} show shop 3 {typed}") == ShowWorkflow(database="shop", number=3, notes=(note,))


@pytest.mark.parametrize("sub", SUB_COMMANDS, ids=lambda sub: sub.name)
def test_a_format_without_effect_is_spoken_of(sub: SubCommand) -> None:
    """`--format` is taken everywhere; where an answer is not written so, the person is told that it was
    ignored."""
    words = {"create": "shop main -i", "approvals": "", "help": ""}.get(sub.name, "shop 3")
    line = f"{sub.name} {words if sub.name != 'list' else 'shop'}"
    several = len(sub.formats) > 1
    for form in ("json", "csv", "markdown", "human"):
        written = f"--format {form}" if several else "--format"
        said = f"{written} has no effect on {sub.name} and was ignored."
        notes = () if form in sub.formats or sub.name == "help" else (said,)
        command = parse(f"{line} --format {form}")
        assert isinstance(command, Command)
        assert command.notes == notes


def test_double_dash_ends_flags() -> None:
    """What stands after `--` is never a flag."""
    assert parse("show -- shop 3") == ShowWorkflow(database="shop", number=3)
    assert parse("-f json -- show shop 3") == ShowWorkflow(database="shop", number=3, format=Format.JSON)
