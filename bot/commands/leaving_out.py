"""What a line leaves out, as far as the bot's own settings can fill it in."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

from bot.commands import grammar
from bot.commands.model import ListWorkflows, Mistake, OnDatabase

C = TypeVar("C", bound=OnDatabase)


def with_database(command: C, databases: Sequence[str]) -> C | Mistake:
    """The command with its database; one that was left out can only be filled in where there is one.
    A `list` without a database is about all of them.

    The names of several are told later: whoever asks has not been looked up.
    """
    if command.database is not None or isinstance(command, ListWorkflows):
        return command
    if len(databases) != 1:
        sub = grammar.sub_command_of(command)
        return Mistake("The database is missing.", sub.usage, topic=sub.name)
    sentence = f"The database was left out: this bot is set up for {databases[0]} only."
    return replace(command, database=databases[0], assumed=(*command.assumed, sentence))
