"""A database that was left out is filled in where only one can be meant."""

import pytest

from bot.commands.leaving_out import with_database
from bot.commands.model import ActionName, ActOnWorkflow, History, ListWorkflows, Mistake, ShowWorkflow, known


def test_the_only_database_is_filled_in() -> None:
    """With one configured database it is that one, and a sentence says so; nothing else changes."""
    command = ActOnWorkflow(action=ActionName.CUTOVER, number=3, force=True)
    filled = with_database(command, ["shop"])
    assert isinstance(filled, ActOnWorkflow)
    assert (filled.database, filled.number, filled.force) == ("shop", 3, True)
    assert filled.assumed == ("The database was left out: this bot is set up for shop only.",)


@pytest.mark.parametrize("databases", [[], ["shop", "crm"]])
def test_otherwise_it_has_to_be_typed(databases: list[str]) -> None:
    """With none or several it is a mistake that shows the right form and no name of a database."""
    for command, topic in ((ShowWorkflow(), "show"), (History(number=3), "history")):
        mistake = with_database(command, databases)
        assert isinstance(mistake, Mistake)
        assert (mistake.problem, mistake.topic) == ("The database is missing.", topic)
        assert mistake.usage
        assert mistake.usage.startswith(f"/workflow {topic} <DATABASE>")


def test_a_list_of_everything_is_left_alone() -> None:
    """`list` without a database is about all of them, also where the bot is set up for one."""
    command = ListWorkflows()
    assert with_database(command, ["shop"]) is command


def test_what_was_typed_is_left_alone() -> None:
    """A database that was typed is meant, whatever is configured."""
    command = ListWorkflows(database="crm")
    assert with_database(command, ["shop"]) is command
    assert known(command.database) == "crm"


def test_nothing_is_done_with_what_is_not_known() -> None:
    """A name that is still missing raises, instead of naming something else."""
    with pytest.raises(ValueError, match="left out"):
        known(None)
