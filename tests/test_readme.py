"""The README, as far as it is made from the code."""

from pathlib import Path

import pytest

from bot.commands import flags, grammar
from bot.commands.model import ActionName
from bot.readme import WRITTEN, table, with_commands

ROOT = Path(__file__).parent.parent


@pytest.mark.parametrize("name", WRITTEN)
def test_the_tables_of_the_documentation_are_those_of_the_code(name: str) -> None:
    """Sub-commands, flags and figures are listed as the bot has them. If not: `make readme`."""
    text = (ROOT / name).read_text(encoding="utf-8")
    assert text == WRITTEN[name](text), f"{name} is out of step: run `make readme`"


def test_every_sub_command_and_flag_is_in_it() -> None:
    """Nothing that can be typed is missing from the table."""
    lines = table().splitlines()
    for sub in grammar.SUB_COMMANDS:
        assert any(line.startswith((f"| `{sub.name}`", f"| `{sub.name} ")) for line in lines), sub.name
        for flag in grammar.flags_of(sub):
            assert any(f"`{flag.spelled}" in line for line in lines), flag.name
    assert all(line.count("|") == 4 for line in lines)
    assert not any(name in table() for name in flags.REFUSED)


@pytest.mark.parametrize(
    ("action", "needs"),
    [
        (ActionName.CUTOVER, "a second person approves"),
        (ActionName.SWITCH_TRAFFIC, "a second person approves"),
        (ActionName.REVERSE_TRAFFIC, "you confirm it yourself"),
        (ActionName.VERIFY_DATA, "no"),
        (
            ActionName.RETRY,
            "no; once rows are copied you confirm it yourself; "
            "once the copy was complete a second person approves",
        ),
    ],
)
def test_it_says_who_has_to_agree(action: ActionName, needs: str) -> None:
    """Beside each action stands whom the built-in policy asks."""
    row = next(line for line in table().splitlines() if line.startswith(f"| `{action.value} "))
    assert row.split(" | ")[-1] == f"{needs} |"


def test_a_readme_without_the_place_is_not_written() -> None:
    """A file without the two marks is left alone, with a sentence."""
    with pytest.raises(ValueError, match="not marked"):
        with_commands("nothing here")
