"""Every code of every method has its meaning, in one table."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.slack.codes import MEANINGS, Trouble, meaning
from tests.slack.method_codes import CODES

SLACK = Path(__file__).parent.parent.parent / "bot" / "slack"
UPLOAD = ("files.getUploadURLExternal", "files.completeUploadExternal")
"""What slack_sdk makes of `files_upload_v2`."""


@pytest.mark.parametrize("method", sorted(CODES))
def test_every_code_has_a_row(method: str) -> None:
    """What Slack's reference of a method lists is never met as something unknown."""
    assert [code for code in CODES[method] if code not in MEANINGS] == []


def test_every_method_is_known() -> None:
    """A method that the bot begins to call brings its codes with it, and none is listed in vain."""
    called = set(_called())
    assert called == {method.replace(".", "_") for method in CODES if method not in UPLOAD} | {
        "files_upload_v2"
    }


def test_a_code_that_nobody_has_heard_of() -> None:
    """A new reason is taken as passing; a new rule of a channel as a matter of that channel."""
    assert meaning("a_new_reason") is Trouble.REFUSED
    assert meaning("restricted_action_on_sundays") is Trouble.PLACE


def _called() -> Iterator[str]:
    """The names of slack_sdk's methods that the room uses, called or handed on."""
    methods = tuple({name.partition(".")[0] + "_" for name in CODES})
    for file in SLACK.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and node.attr.startswith(methods):
                owner = ast.unparse(node.value)
                if owner.rpartition(".")[2].lstrip("_") == "client":
                    yield node.attr
