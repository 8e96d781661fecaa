"""Wrong lines: what was wrong, the right form, and the nearest thing that is right."""

import pytest

from bot.commands.model import Command, Mistake
from bot.commands.parser import parse
from tests.rows import each_row

CREATE = "create shop main --name move --source-keyspace a --target-keyspace b --tables t"


def mistake(text: str) -> Mistake:
    parsed = parse(text)
    assert isinstance(parsed, Mistake), parsed
    return parsed


@each_row(
    ("text", "line"),
    [
        # Misspelt: also where the action is final
        ("shwo shop 3", "/workflow show shop 3"),
        ("lst shop", "/workflow list shop"),
        ("cutovr shop 3", "/workflow cutover shop 3"),
        ("cut-over shop #3", "/workflow cutover shop 3"),
        ("canel shop 3 --force", "/workflow cancel shop 3"),
        ("compelte shop 3", "/workflow complete shop 3"),
        ("switch_traffic shop 3", "/workflow switch-traffic shop 3"),
        ("swicth-trafic shop 3 —replicas-only", "/workflow switch-traffic shop 3 --replicas-only"),
        # Two words for one
        ("switch traffic shop 3", "/workflow switch-traffic shop 3"),
        ("verify data shop 3", "/workflow verify-data shop 3"),
        ("reverse cutover shop 3", "/workflow reverse-cutover shop 3"),
        ("cut over shop 3", "/workflow cutover shop 3"),
        # Another word for it
        ("switch shop 3", "/workflow switch-traffic shop 3"),
        ("status shop 3", "/workflow show shop 3"),
        ("get shop 3", "/workflow show shop 3"),
        ("ls shop", "/workflow list shop"),
        ("verify shop 3", "/workflow verify-data shop 3"),
        ("reverse shop 3", "/workflow reverse-traffic shop 3"),
        ("rollback shop 3", "/workflow reverse-traffic shop 3"),
        ("new shop main -i", "/workflow create shop main -i"),
        ("?", "/workflow help"),
        ("help shwo", "/workflow help show"),
        ("shwo --help", "/workflow help show"),
        # The sub-command left out
        ("shop 3", "/workflow show shop 3"),
        ("prod-eu #3", "/workflow show prod-eu 3"),
        ("shop", "/workflow list shop"),
        ("`Shop`.", "/workflow list shop"),
        ("orders_db --org acme", "/workflow list orders_db --org=acme"),
        ("shop --format json", "/workflow list shop --format=json"),
        # The order
        ("show 3 shop", "/workflow show shop 3"),
        ("cutover #3 shop", "/workflow cutover shop 3"),
        ("history 3 shop", "/workflow history shop 3"),
        ("show shop#3", "/workflow show shop 3"),
        ("show Shop#3", "/workflow show shop 3"),
        ("show shop/3", "/workflow show shop 3"),
        ("history shop/3", "/workflow history shop 3"),
        ("list shop/3", "/workflow show shop 3"),
        ("cutover shop/3", "/workflow cutover shop 3"),
        ("history shop#3", "/workflow history shop 3"),
        ("list shop 3", "/workflow show shop 3"),
        # Names
        ("show Shop 3", "/workflow show shop 3"),
        ("create Shop MAIN -i", "/workflow create shop main -i"),
        ("show my–shop 3", "/workflow show my-shop 3"),
        ("show ｓｈｏｐ ３", "/workflow show shop 3"),
        ("show shop, 3", "/workflow show shop 3"),
        ("list shop.", "/workflow list shop"),
        ("create shop main -i --name a–b", "/workflow create shop main --name=a-b -i"),
        # Flags and their values
        ("switch-traffic shop 3 --replica-only", "/workflow switch-traffic shop 3 --replicas-only"),
        ("switch-traffic shop 3 --replicas_only", "/workflow switch-traffic shop 3 --replicas-only"),
        ("cutover shop 3 --focre", "/workflow cutover shop 3"),
        ("cutover shop 3 -force", "/workflow cutover shop 3"),
        ("cutover shop 3 --force true", "/workflow cutover shop 3"),
        ("cutover shop 3 --force false", "/workflow cutover shop 3"),
        ("show shop 3 --format jsn", "/workflow show shop 3 --format=json"),
        ("create shop main -i --on-ddl exec-ignore", "/workflow create shop main --on-ddl=EXEC_IGNORE -i"),
        ("retry shop 3 --force", "/workflow retry shop 3"),
        # What is missing for create can be asked for
        # Several at once
        ("shwo 3 Shop --foramt=json", None),
        ("shwo 3 Shop", "/workflow show shop 3"),
    ],
)
def test_a_whole_line_is_suggested(text: str, line: str | None) -> None:
    """Where it can be made, the suggestion is a complete line that is understood."""
    if line is not None:
        assert mistake(text).suggestion == line
        assert isinstance(parse(line), Command)
    else:
        assert not (mistake(text).suggestion or "").startswith("/")


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("delete shop 3", "cancel"),
        ("abort shop 3", "cancel"),
        ("drop shop 3", "cancel"),
        ("finish shop 3", "complete"),
        ("done shop 3", "complete"),
        ("cut shop 3", "cutover"),
        ("comp shop 3", "complete"),
        ("canc shop 3", "cancel"),
        ("delete 3 Shop --force", "cancel"),
    ],
)
def test_a_final_action_is_not_offered_ready_to_send(text: str, word: str) -> None:
    """Who typed another word is told the name of a final action, and is not given a line of it."""
    assert mistake(text).suggestion == word
    assert mistake(text).topic == word


@pytest.mark.parametrize("text", ["cutover shop 3 --replicas-only", "complete shop 3 --force"])
def test_a_foreign_flag_is_not_dropped_from_a_final_action(text: str) -> None:
    """A flag of another sub-command may mean that one: no line of a final action is offered without it."""
    assert mistake(text).suggestion is None


@each_row(
    ("text", "problem", "topic"),
    [
        ("shwo shop 3", "There is no sub-command “shwo”.", "show"),
        ("frobnicate", "There is no sub-command “frobnicate”.", None),
        ("help nonsense", "There is no sub-command “nonsense”.", "help"),
        ("pause shop 3", "There is no sub-command “pause”.", None),
        ("create", "The database and the branch are missing.", "create"),
        ("create shop", "The branch is missing.", "create"),
        (
            "show 9999999999999999999",
            "“9999999999999999999” is too large: this bot knows numbers up to 9,223,372,036,854,775,807.",
            "show",
        ),
        ("show 3 shop", "The database comes first, then the workflow's number.", "show"),
        ("show shop 3 4", "“4” is one word too many: show takes DATABASE and NUMBER.", "show"),
        ("approvals shop", "“shop” is one word too many: approvals takes nothing.", "approvals"),
        (
            "cutover shop 3 --replicas-only",
            "--replicas-only belongs to switch-traffic, not to cutover.",
            "cutover",
        ),
        (
            "retry shop 3 --force",
            "--force belongs to switch-traffic, cutover and cancel, not to retry.",
            "retry",
        ),
        ("show shop 3 --tables a", "--tables belongs to create, not to show.", "show"),
        ("show shop 3 -i", "--interactive belongs to create, not to show.", "show"),
        ("show shop 3 --frobnicate", "There is no flag --frobnicate.", "show"),
        ("show shop 3 -x", "There is no flag -x.", "show"),
        ("show shop 3 --org", "--org needs a value: <ORGANIZATION>.", "show"),
        ("show shop 3 --org=", "--org needs a value: <ORGANIZATION>.", "show"),
        ("show shop 3 --org --format json", "--org needs a value: <ORGANIZATION>.", "show"),
        ("show shop 3 -f", "--format needs a value: <FORMAT>.", "show"),
        (
            "show shop 3 --format yaml",
            "“yaml” is not a value of --format: it takes human, json or csv.",
            "show",
        ),
        (
            "cutover shop 3 --force=maybe",
            "“maybe” is not a value of --force: it takes =true or =false.",
            "cutover",
        ),
        (
            "create shop main -i --on-ddl never",
            "“never” is not a value of --on-ddl: it takes STOP, EXEC, EXEC_IGNORE or IGNORE.",
            "create",
        ),
        ("show Shop 3", "“Shop” has upper-case letters; the name of a database has none.", "show"),
        (
            f"show shop {'9' * 30}",
            f"“{'9' * 30}” is too large: this bot knows numbers up to 9,223,372,036,854,775,807.",
            "show",
        ),
        ("show shop 0", "“0” is not a workflow's number: a whole number from 1 on, such as 3 or #3.", "show"),
        ('show "" 3', "The database is empty.", "show"),
        ("show “shop 3", "A quote is opened and not closed.", "show"),
        ("show shop 3'", "A quote is opened and not closed.", "show"),
        (f"{CREATE} --target-keyspace a", "Source and target are the same keyspace.", "create"),
        (f"{CREATE} --global-keyspace b", "Global keyspace and target are the same keyspace.", "create"),
        (
            "create shop main -i --source-keyspace a --target-keyspace a",
            "Source and target are the same keyspace.",
            "create",
        ),
        (
            "create shop main",
            "--name, --source-keyspace, --target-keyspace and --tables are missing.", "create",
        ),
        (
            "create shop main --name x --source-keyspace a --tables ,",
            "--target-keyspace and --tables are missing.",
            "create",
        ),
        (
            "create shop main --name x --source-keyspace a --target-keyspace b",
            "--tables is missing.",
            "create",
        ),
    ],
)  # fmt: skip
def test_the_problem_is_named(text: str, problem: str, topic: str | None) -> None:
    """Each kind of mistake has its sentence, and says whose help explains more."""
    assert mistake(text).problem == problem
    assert mistake(text).topic == topic


@pytest.mark.parametrize(
    "number", ["0", "#0", "-1", "3.0", "٣", "³", "##3", "3..", "３．０", str(2**63), "9" * 30]
)
def test_a_workflow_number_is_a_positive_whole_number(number: str) -> None:
    """Anything but plain or full-width digits from 1 to 2^63 - 1 is refused as a workflow's number."""
    assert isinstance(parse(f"show shop {number}"), Mistake)


def test_a_mistake_shows_the_right_form() -> None:
    """The usage is the sub-command's own."""
    assert mistake("show shop 0").usage == "/workflow show <DATABASE> [NUMBER] [--chart]"
    assert mistake("history shop 0").usage == "/workflow history <DATABASE> [NUMBER] [flags]"
    assert mistake("cancel shop 0").usage == "/workflow cancel <DATABASE> [NUMBER] [--force]"


def test_a_valued_flag_is_suggested_by_its_name_alone() -> None:
    """The value of a flag that is not known is never repeated, not even in a suggestion."""
    wrong = mistake("create shop main -i --tabels=hunter2")
    assert wrong.suggestion == "--tables"
    assert "hunter2" not in repr(wrong)


def test_a_word_before_the_sub_command_is_not_repeated_after_an_unknown_flag() -> None:
    """What follows an unknown flag may be its value: it is not repeated as a wrong sub-command either."""
    assert mistake("-p hunter2 show shop 3").problem == "There is no flag -p."


def test_repeated_words_are_bounded_and_printable() -> None:
    """A wrong word is repeated in at most 40 characters and without control characters."""
    assert mistake("x" * 500).problem == f"There is no sub-command “{'x' * 39}…”."
    assert mistake("sh\x1b[31m\u202eow2 shop").problem == "There is no sub-command “sh[31mow2”."
    assert len(mistake(f"show shop 3 --{'y' * 500}").problem) < 70


def test_a_very_long_text_is_a_mistake() -> None:
    """More than 3,000 characters are not read, and nothing of them is repeated."""
    assert mistake("show shop 3 " + "x" * 3_000) == Mistake(
        "That is too long: 3,012 characters. At most 3,000 are read."
    )
    assert isinstance(parse("show shop 3" + " " * 5_000), Command)


@each_row(
    "text",
    [
        "show shop 3 --forc",
        "show shop 3 --forced",
        "show shop 3 - -force",
        "show shop 3 -force",
        "cutover shop 3 --forc",
        "cutover shop 3 --enforce",
        "cutover shop 3 - -force",
        "cutover shop 3 --f orce",
        "complete shop 3 --forse",
        "create shop main --forc",
        "--forc",
        "force",
    ],
)
def test_nobody_is_led_to_force_by_a_slip(text: str) -> None:
    """What looks like `--force` and is not is named as it was typed, and no answer says `--force`."""
    wrong = mistake(text)
    assert "--force" not in f"{wrong.suggestion} {wrong.also} {wrong.problem.replace('--forced', '')}"


@each_row(
    ("text", "runs"),
    [
        ("cutovr shop 3", True),
        ("show 3 shop", True),
        ("shop", True),
        ("show shop 3 --format jsn", True),
        ("swich-traffic shop 3 --replicas-only", True),
        # A line that leaves something out says something else
        ("cutovr shop 3 --force", False),
        ("cutover shop 3 --focre", False),
        ("cutover shop 3 -force", False),
        ("retry shop 3 --force", False),
        # A word is no line
        ("delete shop 3", False),
        ("show shop 0", False),
        ("frobnicate shop", False),
    ],
)
def test_only_a_whole_line_can_be_run(text: str, runs: bool) -> None:
    """What can be sent as it stands says all that was typed: never a line without the `--force` in it."""
    assert mistake(text).runs is runs


def test_one_word_may_be_a_database_or_a_slip() -> None:
    """Where one letter is another, both are offered; with letters swapped or missing, the sub-command."""
    both = mistake("shop")
    assert (both.suggestion, both.also) == ("/workflow list shop", "/workflow show")
    for slip, meant in (("shwo", "show"), ("lis", "list"), ("helpp", "help"), ("aprovals", "approvals")):
        assert mistake(slip).suggestion == f"/workflow {meant}" or mistake(slip).suggestion == meant
        assert mistake(slip).also is None
