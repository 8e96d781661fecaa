"""What stands in Slack is read hours later: it says moments, and no ages."""

import re
from pathlib import Path

import pytest

from tests.slack.cards.expecting import EXPECTED, expected

AGE = re.compile(r"\bago\b|\bonly \d+ (?:s|min|h|d)\b|\bfor \d+ (?:s|min|h|d)\b|\d (?:s|min|h) left\b")
ALLOWED = re.compile(
    r"^About .* left|, about \d+ (?:min|h) left"  # redrawn, and says as of when
    r"|was \w[\w ]* for \d|\bunchanged for 2 min\b|\blooked for 2 min\b"  # it is over
    r"|for more than 10 min"
)


@pytest.mark.parametrize("file", sorted(EXPECTED.glob("*.txt")), ids=lambda file: file.stem)
def test_no_posted_message_tells_an_age(file: Path) -> None:
    """Cards, threads, live messages and news say when something was, not how long ago."""
    lines = [line for scene in expected(file.stem).values() for line in scene]
    assert [line for line in lines if AGE.search(line) and not ALLOWED.search(line)] == []
