"""A policy that is wrong: the person who wrote it is told what to change, and nothing starts."""

import re
from datetime import timedelta

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.approvals.policy import PolicyError, load_policy
from tests.rows import each_row

D = '[[database]]\nmatch = "prod-*"\n'
A = "[approvals]\n"


def problems(text: str) -> list[str]:
    with pytest.raises(PolicyError) as caught:
        load_policy(text, approval_ttl=None)
    assert str(caught.value) == "\n".join(caught.value.lines)
    return caught.value.lines


WRONG = [
    (A + 'peer = ["swich-traffic"]', '[approvals] peer: "swich-traffic" is not an action; did you'),
    (A + 'confirm = ["retry", "Retry"]', '[approvals] confirm: "Retry" is not an action; did you mean'),
    (A + 'peer = ["frobnicate"]', '[approvals] peer: "frobnicate" is not an action; there are cancel,'),
    (A + 'peer = ["show"]', '[approvals] peer: "show" is not an action'),
    (A + "peer = [3]", "[approvals] peer: 3 is not an action"),
    (A + 'peer = "cutover"', '[approvals] peer: "cutover" is not a list of actions.'),
    (A + "peer = true", "[approvals] peer: true is not a list of actions."),
    (A + "required = 0", "[approvals] required: 0 is not a whole number from 1 to 20."),
    (A + "required = -1", "[approvals] required: -1 is not a whole number"),
    (A + "required = 21", "[approvals] required: 21 is not a whole number"),
    (A + "required = 1.0", "[approvals] required: that value is not a whole number"),
    (A + "required = true", "[approvals] required: true is not a whole number"),
    (A + 'required = "2"', '[approvals] required: "2" is not a whole number'),
    (A + f"required = 0x{'f' * 9000}", "[approvals] required: that value is not a whole number"),
    (A + "required = 2026-11-23", "[approvals] required: that value is not a whole number"),
    (A + "expires_after = 30", "[approvals] expires_after: 30 is not a duration from 1s to 7d."),
    (A + 'expires_after = "30"', '[approvals] expires_after: "30" is not a duration'),
    (A + 'expires_after = "0s"', '[approvals] expires_after: "0s" is not a duration'),
    (A + 'expires_after = "8d"', '[approvals] expires_after: "8d" is not a duration'),
    (A + 'expires_after = "-5m"', '[approvals] expires_after: "-5m" is not a duration'),
    (A + 'expires_after = "٣m"', '[approvals] expires_after: "٣m" is not a duration'),
    (A + 'expires_after = "half an hour"', '[approvals] expires_after: "half an hour" is not a duration'),
    (A + 'soak = "31d"', '[approvals] soak: "31d" is not a duration from 0s to 30d.'),
    (A + 'approvers = ["@ben"]', '[approvals] approvers: "@ben" is not a user id (U… or W…) or a user-'),
    (A + 'approvers = ["C012ABCDEF"]', '[approvals] approvers: "C012ABCDEF" is not a user id'),
    (A + 'approvers = ["U012ABCDEF\\n"]', "[approvals] approvers: that text is not a user id"),
    (A + 'approvers = "U012ABCDEF"', '[approvals] approvers: "U012ABCDEF" is not a list of ids.'),
    (A + "requesters = [[]]", "[approvals] requesters: a list is not a user id"),
    (A + 'notify = ["#ops"]', '[approvals] notify: "#ops" is not a user id (U… or W…) or a user-'),
    (A + 'notify = "S012ABCDEF"', '[approvals] notify: "S012ABCDEF" is not a list of ids.'),
    (A + 'direct = "yes"', '[approvals] direct: "yes" is not true or false.'),
    (A + "requesters = { }", "[approvals] requesters: a section is not a list of ids."),
    (
        A + 'channel = "C012ABCDEF"',
        "[approvals] channel: is a key for [[database]] and [[organization]] only.",
    ),
    (A + 'match = "x"', "[approvals] match: is a key for [[database]] only."),
    (A + "aprovers = []", '[approvals] "aprovers": there is no such key; did you mean approvers?'),
    (A + 'expires-after = "1h"', '[approvals] "expires-after": there is no such key; did you mean'),
    (A + "zzz = 1", '[approvals] "zzz": there is no such key; there are peer, confirm, required,'),
    (D + 'channel = "#db-moves"', '[[database]] "prod-*" channel: "#db-moves" is not a channel id (C…'),
    (D + 'channel = "U012ABCDEF"', '[[database]] "prod-*" channel: "U012ABCDEF" is not a channel id'),
    (A + 'reason = ["always"]', '[approvals] reason: "always" is not an action; there are cancel,'),
    (A + 'deny_reason = "yes"', '[approvals] deny_reason: "yes" is not true or false.'),
    (D + 'hide_errors = "yes"', '[[database]] "prod-*" hide_errors: "yes" is not true or false.'),
    (D + "allow_shared_channels = 1", '[[database]] "prod-*" allow_shared_channels: 1 is not true or false.'),
    (D + "hide_error = true", '[[database]] "prod-*" "hide_error": there is no such key; did you'),
    (D + "[[database]]\nrequired = 2", "[[database]] number 2 match: is missing."),
    ("[[database]]\nmatch = 3", "[[database]] number 1 match: 3 is not a pattern for database names."),
    ('[[database]]\nmatch = ""', '[[database]] "" match: "" is not a pattern for database names.'),
    ('[[database]]\nmatch = "a b"', '[[database]] "a b" match: "a b" is not a pattern'),
    ('[database]\nmatch = "prod-*"', "[[database]]: a section is not a list of sections: write two"),
    ("approvals = 3", "[approvals]: 3 is not a section."),
    ("database = [3]", "[[database]] number 1: 3 is not a section."),
    ("[aprovals]", '"aprovals": there is no such section; did you mean approvals?'),
    ("[zzz]", '"zzz": there is no such section; there are [approvals], [[database]], [[organization]] and'),
    ('[records]\nkeep = "1d"', '[records] keep: "1d" is not a duration from 30d to 3650d.'),
    ("[records]\nkeep = 400", "[records] keep: 400 is not a duration from 30d to 3650d."),
    ('[records]\nkep = "400d"', '[records] "kep": there is no such key; did you mean keep?'),
    ("[records]\nzzz = 1", '[records] "zzz": there is no such key; there are keep.'),
    (A + 'keep = "400d"', "[approvals] keep: is a key for [records] only."),
    ('keep = "400d"', "keep: stands above all sections."),
    ("required = 2", "required: stands above all sections."),
    ('channel = "C012ABCDEF"', "channel: stands above all sections."),
]  # fmt: skip


@each_row(("text", "line"), WRONG)
def test_what_is_wrong_is_named(text: str, line: str) -> None:
    """One line says the section, the key and what is wrong with it."""
    (found,) = problems(text)
    assert found.startswith(line)


def as_file(line: str) -> str:
    """The example in a line, with what has to stand above it."""
    right = line.partition(" Right: ")[2].replace(" on a line, ", "\n").replace(" on the next", "")
    if not right.startswith("["):
        sections = ("[[database]]", "[records]")
        right = next((f"{one}\n" for one in sections if one in line), A) + right
    return right if "match" in right else right.replace("[[database]]", D)


@each_row("text", [text for text, _ in WRONG])
def test_the_example_in_a_line_is_right(text: str) -> None:
    """What a line gives as right can be written into the file as it stands."""
    (line,) = problems(text)
    load_policy(as_file(line), approval_ttl=None)


@pytest.mark.parametrize(
    "text",
    [
        "[approvals",
        "required",
        'a = "',
        "a = 1\na = 2",
        "a = 1979-99-99",
        "[" * 9000,
        f"a = {'9' * 5000}",
        "\x00",
    ],
)
def test_what_is_not_toml_is_said_in_one_line(text: str) -> None:
    """A file that cannot be read as TOML is refused in one line, whatever is wrong with it."""
    (line,) = problems(text)
    assert line.startswith("the policy file: is not TOML: ")
    assert "\n" not in line


def test_every_problem_has_its_line() -> None:
    """All problems are told at once, not one after the other."""
    lines = problems(A + "required = 0\nsoak = 1\n" + D + 'peer = ["x"]\nfoo = 1')
    assert [line.split(":")[0] for line in lines] == [
        "[approvals] required",
        "[approvals] soak",
        '[[database]] "prod-*" peer',
        '[[database]] "prod-*" "foo"',
    ]


def test_what_may_be_a_secret_is_not_repeated() -> None:
    """A long value in the wrong place is not printed: it could be a token."""
    token = "xoxb-123456789012-abcdefghijkl"
    lines = problems(
        A + f'approvers = ["{token}"]\npeer = ["{token}"]\nsoak = "{token}"\n{D}channel = "{token}"'
    )
    assert len(lines) == 4
    assert token not in "".join(lines)


def complaints(text: str) -> list[str]:
    """The lines, if the text is refused; at least one."""
    try:
        load_policy(text, approval_ttl=timedelta(minutes=5))
    except PolicyError as error:
        return error.lines or [""]
    return []


KEYS = ["peer", "confirm", "required", "expires_after", "approvers", "requesters", "soak"]
DATABASE_KEYS = [*KEYS, "match", "channel", "allow_shared_channels", "hide_errors"]
PLAIN = st.one_of(
    st.booleans().map(lambda value: str(value).lower()),
    st.integers().map(str),
    st.floats().map(str),
    st.sampled_from(
        ["2026-11-23", '"cutover"', '"retry"', '"U0BEN"', '"S0DBAS"', '"1h"', '"a\\nb"', '"prod-*"']
    ),
)
ANY_VALUE = PLAIN | st.lists(PLAIN, max_size=3).map(lambda parts: f"[{', '.join(parts)}]")
ANY_KEY = st.sampled_from([*DATABASE_KEYS, '"a\\nb"', "peers"])
ANY_SECTION = st.tuples(
    st.sampled_from(["[approvals]", "[[database]]", "[[database]]", "[other]", ""]),
    st.dictionaries(ANY_KEY, ANY_VALUE, max_size=4),
).map(lambda part: "\n".join([part[0], *(f"{key} = {value}" for key, value in part[1].items())]))


@settings(deadline=None)
@given(st.lists(ANY_SECTION, max_size=3).map("\n".join) | st.text())
@example('[[database]]\n"a\\nb" = 1')
def test_whatever_is_written_gets_lines_or_a_policy(text: str) -> None:
    """Any text is a policy or is refused in lines that each name a key and give a right example."""
    for line in complaints(text):
        assert re.fullmatch(r"\S.*: .+ Right: \S.*", line)
        assert line.isprintable()


def conflict(text: str) -> dict[str, str]:
    return {line.partition(": ")[0]: line.partition(" Right: ")[2] for line in problems(text)}


@pytest.mark.parametrize(
    ("text", "where", "right"),
    [
        (A + 'peer = ["cutover"]\nconfirm = ["cutover", "retry"]', "[approvals] confirm", '["retry"]'),
        (A + 'peer = ["retry"]', "[approvals] confirm", '["reverse-traffic", "reverse-cutover"]'),
        (A + 'confirm = ["cancel"]', "[approvals] confirm", "[]"),
        (D + 'confirm = ["create", "cancel"]', '[[database]] "prod-*" confirm', '["create"]'),
        (
            D + 'confirm = ["create"]\n[[database]]\nmatch = "prod-eu"\npeer = ["create"]',
            '[[database]] "prod-eu" confirm',
            "[]",
        ),
        (
            A + 'peer = ["cancel-before-switch"]\nconfirm = ["cancel-before-switch"]',
            "[approvals] confirm",
            "[]",
        ),
    ],
)
def test_no_action_is_in_both_lists(text: str, where: str, right: str) -> None:
    """An action that is to be approved and to be confirmed is refused; the stricter way out is shown."""
    assert conflict(text) == {where: f"confirm = {right}"}
