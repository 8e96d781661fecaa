"""Completion in a composer."""

import pytest

from bot.commands import flags, grammar
from bot.commands.shapes import SubCommand
from bot.demo.slack.complete import completions

HISTORY = ("--by", "--action", "--since", "--denied", "--refused", "--page")


def words(text: str) -> list[str]:
    return [completion.word for completion in completions(text)]


def test_nothing_typed_offers_every_sub_command() -> None:
    """An empty line offers all sub-commands, in the order of the overview, each with its sentence."""
    assert words("") == list(grammar.BY_NAME)
    assert [completion.help for completion in completions(" ")] == [
        sub.summary for sub in grammar.SUB_COMMANDS
    ]


@pytest.mark.parametrize(
    ("text", "offered"),
    [
        ("sw", ["switch-traffic"]),
        ("RE", ["reverse-traffic", "reverse-cutover", "retry", "report"]),
        ("c", ["create", "cutover", "complete", "cancel"]),
        ("help c", ["create", "cutover", "complete", "cancel"]),
        ("help", ["help"]),
        ("nonsense ", []),
        ("nonsense", []),
        # Words
        ("show ", ["<DATABASE>"]),
        ("show sh", []),
        ("show shop ", ["[NUMBER]", "--chart", "--org", "--format", "--help"]),
        ("create shop ", ["<BRANCH>"]),
        ("history shop ", ["[NUMBER]", *HISTORY, "--org", "--format", "--help"]),
        ("show shop 3", []),
        # Flags
        ("show shop 3 ", ["--chart", "--org", "--format", "--help"]),
        ("switch-traffic shop 3 ", ["--replicas-only", "--force", "--reason", "--org", "--format", "--help"]),
        ("switch-traffic shop 3 --force ", ["--replicas-only", "--reason", "--org", "--format", "--help"]),
        ("switch-traffic shop 3 --r", ["--replicas-only", "--reason"]),
        ("switch-traffic shop 3 —r", ["--replicas-only", "--reason"]),
        ("switch-traffic shop 3 -r", []),
        ("cutover shop 3 --R", ["--reason"]),
        ("cutover shop 3 --reason ", ['"…"']),
        ("create shop main --t", ["--tables", "--target-keyspace"]),
        ("create shop main --tables a --tab", ["--tables"]),
        ("create shop main -i", ["-i"]),
        ("show shop 3 -f", ["-f"]),
        ("--f", ["--format"]),
        ("show shop 3 --service", []),
        # Values
        ("show shop 3 --format ", ["human", "json", "csv"]),
        ("show shop 3 -f ", ["human", "json", "csv"]),
        ("show shop 3 —format J", ["json"]),
        ("show shop 3 --format=c", ["--format=csv"]),
        ("create shop main --on-ddl e", ["EXEC", "EXEC_IGNORE"]),
        ("create shop main --on-ddl=e", ["--on-ddl=EXEC", "--on-ddl=EXEC_IGNORE"]),
        ("create shop main --name ", ["<NAME>"]),
        ("create shop main --name=", ["--name=<NAME>"]),
        ("create shop main --name x", []),
        ("show 'sho", []),
    ],
)  # fmt: skip
def test_what_comes_next(text: str, offered: list[str]) -> None:
    """The next word is offered where it is one of few, and hinted at where it is a name."""
    assert sorted(words(text)) == sorted(offered)


def test_placeholders_are_marked() -> None:
    """A placeholder is told apart from what can be inserted."""
    assert {completion.word: completion.literal for completion in completions("history shop ")} == {
        "[NUMBER]": False,
        **dict.fromkeys(HISTORY, True),
        "--org": True,
        "--format": True,
        "--help": True,
    }


@pytest.mark.parametrize("sub", grammar.SUB_COMMANDS, ids=lambda sub: sub.name)
def test_every_flag_is_offered_and_no_refused_one(sub: SubCommand) -> None:
    """Each flag of a sub-command is offered after a dash; refused and meaningless ones never are."""
    offered = words(f"{sub.name} --")
    assert offered == [flag.spelled for flag in grammar.flags_of(sub)]
    assert not {word.lstrip("-") for word in offered} & {*flags.REFUSED, "debug", "no-color"}
