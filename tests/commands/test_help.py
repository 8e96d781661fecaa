"""Help, and the table that it comes from."""

import pytest

from bot.commands import flags, grammar
from bot.commands.help import HelpPage, help_page
from bot.commands.model import ActionName, Command, Format, Help, OnDdl
from bot.commands.parser import parse
from bot.commands.shapes import Flag, SubCommand, ValueKind

PAGES = [None, *grammar.BY_NAME]
each_sub = pytest.mark.parametrize("sub", grammar.SUB_COMMANDS, ids=lambda sub: sub.name)
each_page = pytest.mark.parametrize("topic", PAGES)

CONTRACT = {
    "cancel": {"force"},
    "complete": set(),
    "create": {
        "defer-secondary-keys",
        "global-keyspace",
        "interactive",
        "name",
        "on-ddl",
        "source-keyspace",
        "tables",
        "target-keyspace",
    },
    "cutover": {"force"},
    "list": set(),
    "retry": set(),
    "reverse-cutover": set(),
    "reverse-traffic": set(),
    "show": set(),
    "switch-traffic": {"force", "replicas-only"},
    "verify-data": set(),
}


def words_of(page: HelpPage) -> str:
    return " ".join(
        [
            page.title,
            page.summary,
            *page.description,
            *page.warnings,
            *page.notes,
            *(row.help for row in page.flags),
        ]
    )


def test_the_table_has_what_the_cli_has() -> None:
    """The sub-commands of `pscale workflow` are all there, each with its own flags."""
    assert set(CONTRACT) <= set(grammar.BY_NAME)
    for name, wanted in CONTRACT.items():
        assert wanted <= {flag.name for flag in grammar.BY_NAME[name].flags}
    assert {flag.name for flag in flags.GLOBAL} == {"org", "format", "help"}


def test_the_table_has_what_the_bot_adds() -> None:
    """The bot's own sub-commands are help, watch, unwatch, approvals, history and report."""
    own = {"help", "watch", "unwatch", "approvals", "history", "report"}
    assert set(grammar.BY_NAME) - set(CONTRACT) == own


def test_the_bot_adds_a_few_flags() -> None:
    """Of all flags only these are the bot's own: they narrow down what is shown, or draw it."""
    every = {(sub.name, flag.name) for sub in grammar.SUB_COMMANDS for flag in sub.flags}
    assert every - {(name, flag) for name, own in CONTRACT.items() for flag in own} == {
        ("show", "chart"),
        ("list", "active"),
        ("list", "needs-attention"),
        *(("history", name) for name in ("by", "action", "since", "denied", "refused", "page")),
    }
    assert [flag.name for flag in flags.ON_ACTIONS] == ["reason"]


def test_every_action_is_a_sub_command() -> None:
    """Every action can be asked for by its own name."""
    assert {action.value for action in ActionName} == set(CONTRACT) - {"list", "show"}


@pytest.mark.parametrize(("flag", "values"), [(flags.FORMAT, Format), (flags.BY_NAME["on-ddl"], OnDdl)])
def test_every_choice_is_explained(flag: Flag, values: type[Format] | type[OnDdl]) -> None:
    """Each value of a flag with few values is accepted and has a sentence."""
    assert {choice.value for choice in flag.choices} == set(values)
    assert all(choice.help.endswith((".", ")")) for choice in flag.choices)


@each_sub
def test_the_table_fills_fields_that_exist(sub: SubCommand) -> None:
    """Every word and flag of a sub-command has its field in the command."""
    places = [positional.field for positional in sub.positionals] + [flag.field for flag in sub.flags]
    assert all(hasattr(sub.makes, place) for place in places)


@each_sub
def test_every_sub_command_is_in_the_overview_and_has_a_page(sub: SubCommand) -> None:
    """Every sub-command is listed with its sentence, and has a page with usage, effect and flags."""
    rows = [row for section in help_page(None).sections for row in section.rows]
    assert [row.help for row in rows if row.word == sub.name] == [sub.summary]
    page = help_page(sub.name)
    assert page.topic == sub.name
    assert page.summary == sub.summary
    assert page.usage.startswith(f"/workflow {sub.name}")
    assert page.description
    assert page.examples
    spelled = [*(row.spelled for row in page.flags), *page.everywhere]
    for flag in grammar.flags_of(sub):
        assert any(flag.spelled in text for text in spelled)
    assert len(spelled) == len(grammar.flags_of(sub))


@each_page
def test_every_example_works(topic: str | None) -> None:
    """Every example on a help page is understood, and is one of that page."""
    for example in help_page(topic).examples:
        command = parse(example.line)
        assert isinstance(command, Command), example
        if topic is not None:
            assert grammar.sub_command_of(command).name == topic


@each_page
def test_help_is_within_what_slack_shows(topic: str | None) -> None:
    """A page is short: sentences of at most 300 characters, in all under 3,000."""
    page = help_page(topic)
    said = (*page.description, *page.warnings, *page.notes)
    sentences = [*said, *(row.help for row in page.flags), page.summary]
    assert all(0 < len(sentence) <= 300 for sentence in sentences)
    assert len(words_of(page)) < 3_000


@each_page
def test_help_uses_one_word_for_one_thing(topic: str | None) -> None:
    """Help never says rollback, finalize, finish or successfully, whatever else calls it so."""
    text = words_of(help_page(topic)).lower()
    assert not [word for word in ("rollback", "roll back", "finaliz", "finish", "successful") if word in text]


@pytest.mark.parametrize(
    "name",
    ["create", "switch-traffic", "reverse-traffic", "cutover", "reverse-cutover", "complete", "cancel"],
)
def test_help_says_what_is_deleted(name: str) -> None:
    """Whatever changes something says what it deletes, or that it deletes nothing."""
    text = " ".join(help_page(name).description)
    assert ("Deletes nothing" in text) is (name not in {"cutover", "cancel"})
    assert "Deletes" in text


def test_help_tells_what_force_means_here() -> None:
    """`--force` is explained as it works here: what needs it, and that it replaces nobody."""
    for name in ("switch-traffic", "cutover", "cancel"):
        page = help_page(name)
        [row] = [row for row in page.flags if row.spelled == "--force"]
        assert row.help.endswith("It overrides no refusal and never replaces the second person.")
        assert any("--force" in note for note in page.notes)


def test_only_what_warns_stands_before() -> None:
    """What is to be read before an action is a warning; what may be left out is no warning."""
    assert {name for name in grammar.BY_NAME if help_page(name).warnings} == {
        "switch-traffic",
        "cutover",
        "complete",
        "cancel",
        "retry",
    }
    for name in grammar.BY_NAME:
        page = help_page(name)
        assert not any("left out" in warning for warning in page.warnings)
        assert any("may be left out" in note for note in page.notes) == (
            name in {"show", "history", "report", "watch", "unwatch"} | set(ActionName) - {"create"}
        )


def test_help_names_what_is_refused_and_ignored() -> None:
    """The overview names the flags that are refused and those that are ignored."""
    notes = " ".join(help_page(None).notes)
    assert all(f"--{name}" in notes for name in flags.REFUSED)
    assert all(flag.spelled in notes for flag in flags.MEANINGLESS)


def test_an_unknown_topic_is_the_overview() -> None:
    """Asking for the page of something unknown gives the overview."""
    assert help_page("nonsense") == help_page(None)


def test_suggested_words_lead_to_sub_commands() -> None:
    """Every word that is understood as another leads to a sub-command, and is none itself."""
    assert set(grammar.MEANT.values()) <= set(grammar.BY_NAME)
    assert not set(grammar.MEANT) & set(grammar.BY_NAME)


def test_short_flags_are_the_clis() -> None:
    """The short flags are -f, -h and -i, and only switches can be bundled before another."""
    assert {short: flag.name for short, flag in flags.BY_SHORT.items()} == {
        "f": "format",
        "h": "help",
        "i": "interactive",
    }
    assert [flag.name for flag in flags.BY_SHORT.values() if flag.kind is not ValueKind.SWITCH] == ["format"]


def test_help_is_a_command_without_side_fields() -> None:
    """Help carries only its topic, whatever else was typed."""
    assert parse("show --help --org acme -f json --debug") == Help(topic="show")
