"""The short answers that only the person who asked sees."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from bot.approvals.groups import unread_groups
from bot.commands.flags import ENDPOINTS
from bot.commands.lines import chat_line, offered_line
from bot.commands.model import Command, Mistake
from bot.planetscale.refs import WorkflowRef
from bot.slack.cards.answers.run_buttons import meant_buttons, run_buttons
from bot.slack.cards.blocks.lines_to_type import to_type
from bot.slack.cards.blocks.rich import Card, Message, Part, blocks, bold, code, escape
from bot.slack.cards.workflow.page_button import page_button
from bot.workflows.export import LEFT_OUT

MOST_NAMED = 10
"""Databases that are named in an answer."""
MAX_INLINE = 8_000
"""Characters of data in a message: all blocks together may have about 13,000. More travels as a file."""


def mistake_card(mistake: Mistake) -> Message:
    """What was wrong, the right form, the nearest word."""
    card = Card()
    card.line(bold(mistake.problem))
    _meant(card, mistake)
    if mistake.usage:
        card.line("Usage: ", code(mistake.usage))
    topic = f" {mistake.topic}" if mistake.topic else ""
    card.line("More: ", code(f"/workflow help{topic}"))
    card.actions(*meant_buttons(runnable(mistake)))
    return card.message()


def which_database_card(
    mistake: Mistake, databases: Sequence[str], lines: Sequence[tuple[str, str]] = ()
) -> Message:
    """The database is missing: those there are. `lines`: labels, and what a press on them asks for."""
    card = Card()
    more = len(databases) - MOST_NAMED
    left = f" and {more} more" if more > 0 else ""
    card.line(bold(mistake.problem), f" There are: {', '.join(databases[:MOST_NAMED])}{left}")
    if mistake.usage:
        card.line("Usage: ", code(mistake.usage))
    card.line("More: ", code(f"/workflow help {mistake.topic}"))
    card.actions(*run_buttons(lines))
    return card.message()


def _meant(card: Card, mistake: Mistake) -> None:
    if mistake.suggestion:
        also = (" or ", code(mistake.also)) if mistake.also else ()
        card.line("Did you mean ", code(mistake.suggestion), *also, "?")


def runnable(mistake: Mistake) -> list[str]:
    """The suggested lines that may be sent as they stand."""
    return [line for line in (mistake.suggestion, mistake.also) if line] if mistake.runs else []


def type_it_card(command: Command, *, in_thread: bool) -> Message:
    """An action that was asked for in a message: the line to type, ready. A forced one is only typed."""
    line = offered_line(command)
    card = Card()
    nothing = bold("Nothing was asked for.")
    for parts in to_type(line, nothing, " What changes something is typed in the channel: "):
        card.line(*parts)
    if in_thread:
        card.line("Slack takes no slash commands in threads.")
    if chat_line(command) != line:
        card.line("The line is without --force: add it yourself if you mean it.")
    else:
        card.actions(*meant_buttons([line]))
    return card.message()


def secret_card(flag: str | None = None) -> Message:
    """A token was typed, or `flag`, which belongs on the server. No value is repeated, logged or stored."""
    if flag and flag.removeprefix("--") in ENDPOINTS:
        what = "Addresses and configuration belong on the server: type the line without it."
        return _one(code(flag), " was refused and not stored. ", what)
    return _one(
        "That was refused and not stored. A token that was typed in chat should be replaced now. "
        "Tokens and addresses belong on the server."
    )


def foreign_card() -> Message:
    return _one("Only full members of this workspace can use this bot. Nothing was done. Ask one of them.")


def not_a_member_card() -> Message:
    return _one("Only full members of this workspace can use this bot. Nothing was read. Ask one of them.")


def too_many_card() -> Message:
    return _one("Too many questions at once. Nothing was read. Try again in a minute.")


def took_too_long_card() -> Message:
    return _one("This took more than a minute, so it was given up. Nothing was changed. Try again later.")


def not_a_reader_card() -> Message:
    return _one("The policy does not let you ask about this. Nothing was read. Ask somebody whom it names.")


def who_are_you_card() -> Message:
    return _one("Slack could not say who you are just now, so nothing was read. Try again in a minute.")


def group_unread_card(unread: Mapping[str, str]) -> Message:
    """`unread`: the user groups that Slack did not let the bot read, and its codes."""
    return _one(f"Nothing was read. {unread_groups(unread)}")


def other_version_card() -> Message:
    return _one(
        "This button is of another version of the bot, so nothing was done. "
        "Type the command instead: /workflow help lists them."
    )


def form_not_opened_card() -> Message:
    """A button asks for a reason first, and Slack gives three seconds for the form."""
    return _one("Slack did not open the form for the reason in time. Nothing was sent. Press again.")


def window_not_opened_card() -> Message:
    return _one("Slack did not open the window in time. Choose What is this? again.")


def apology() -> Message:
    """For an error of the bot's own. What went wrong is in its log."""
    return _one(
        "Something went wrong in the bot, and nothing was changed. Try again; "
        "whoever runs it finds the reason in its log."
    )


def in_doubt_card() -> Message:
    """The bot's database did not say whether it stored what somebody asked of a watch."""
    return _one(
        "It is not known whether this was taken. Look at the live message, then ask again if need be."
    )


def other_organization_card(asked: str) -> Message:
    """It does not say which one is configured: whoever asks has not been looked up."""
    card = Card()
    card.line("This bot does not work for the organization ", code(asked), ".")
    card.line("Leave --org out, or ask whoever runs the bot.")
    return card.message()


def error_card(what: str, todo: str, said: str | None) -> Message:
    """A read failed: what happened, that nothing changed, what to do."""
    card = Card()
    card.line(bold(what), " Nothing was changed.")
    if said:
        card.line("It said: ", code(said))
    card.line(todo)
    return card.message()


def unread_card(failed: Message, question: str, by_hand: str | None, ref: WorkflowRef | None) -> Message:
    """`error_card` of a question, with ways on: the same once more, without the bot, and the page."""
    card = Card()
    if by_hand:
        for parts in to_type(by_hand, "Without this bot: "):
            card.line(*parts)
    card.actions(*run_buttons([("Try again", question)]), page_button(ref) if ref else None)
    plain = f"{failed.plain}\n{escape(card.plain)}" if by_hand else failed.plain
    return replace(failed, blocks=(*failed.blocks, *blocks(card.body)), plain=plain)


def not_given_card(ref: WorkflowRef) -> Message:
    """PlanetScale contradicts itself: the workflow is in the list, and cannot be read."""
    card = Card()
    card.line(bold(f"PlanetScale lists #{ref.number} but did not give it."), " Try again:")
    line = f"/workflow show {ref.database} {ref.number}"
    card.line(code(line))
    card.actions(*run_buttons([("Try again", line)]), page_button(ref))
    return card.message()


def still_asking_card(waiting: int = 0) -> Message:
    """For whoever waits: the answer has not got lost. `waiting`: requests held back by the bot's budget."""
    if not waiting:
        return _one("Still asking PlanetScale …")
    requests = "1 request waits" if waiting == 1 else f"{waiting} requests wait"
    return _one(f"Waiting for its turn: {requests} for PlanetScale's limit just now …")


def no_workflow_card(ref: WorkflowRef, active: Sequence[int]) -> Message:
    """The number is wrong: name those that are right."""
    numbers = ", ".join(f"#{number}" for number in active[:10]) or "none"
    card = Card()
    card.line(bold(f"There is no workflow {ref.number} in {ref.database}."), f" Active: {numbers}.")
    line = f"/workflow list {ref.database}"
    card.line("All: ", code(line))
    card.actions(*run_buttons([(f"List {ref.database}", line)]))
    return card.message()


def which_workflow_card(
    database: str, cause: str, lines: Sequence[tuple[str, str]], question: str = "Which one?"
) -> Message:
    """Why it is not clear which workflow is meant. `lines`: what would be clear, and its name."""
    card = Card()
    if not lines:
        line = f"/workflow list {database}"
        card.line(bold(cause), " All: ", code(line))
        card.actions(*run_buttons([(f"List {database}", line)]))
        return card.message()
    card.line(bold(f"{cause} {question}"))
    for line, name in lines:
        card.line(code(line), f"  {name}")
    card.actions(*run_buttons([(name, line) for line, name in lines]))
    return card.message()


def which_watch_card(database: str, lines: Sequence[str]) -> Message:
    """As `which_workflow_card`, for what is watched."""
    card = Card()
    if not lines:
        card.line(
            bold(f"Nothing of {database} is watched."), " Watch one: ", code(f"/workflow list {database}")
        )
        return card.message()
    card.line(bold(f"{len(lines)} workflows of {database} are watched. Which one?"))
    for line in lines:
        card.line(code(line))
    card.actions(*meant_buttons(lines))
    return card.message()


def noted(message: Message, sentences: Sequence[str]) -> Message:
    """The same answer with something said under it."""
    if not sentences:
        return message
    card = Card()
    for sentence in sentences:
        card.line(sentence)
    plain = f"{message.plain}\n{escape(card.plain)}"
    return replace(message, blocks=(*message.blocks, *blocks(card.body)), plain=plain)


def no_database_card(
    database: str, organization: str, known: Sequence[str], nearest: Sequence[str], meant: str | None = None
) -> Message:
    """The database is wrong: name the nearest and the others that the bot's token can see.

    `meant` is the typed line with the nearest one; without it, its list is offered.
    """
    card = Card()
    card.line(bold(f"There is no database {database} in {organization} that this bot can see."))
    if nearest:
        meant = meant or f"/workflow list {nearest[0]}"
        card.line("Did you mean ", code(meant), "?")
    if known:
        more = f" and {len(known) - MOST_NAMED} more" if len(known) > MOST_NAMED else ""
        card.line(f"It sees: {', '.join(known[:MOST_NAMED])}{more}")
    card.actions(*meant_buttons([meant] if nearest and meant else []))
    return card.message()


def data_card(text: str, notes: Sequence[str], *, samples_left_out: bool = True) -> Message:
    """Data as text to copy. The form without blocks is whole, too: cut data would be wrong data."""
    card = Card()
    card.preformatted(text)
    _ending(card, ((LEFT_OUT,) if samples_left_out else ()) + tuple(notes))
    return replace(card.message("The data, as text to copy."), plain=escape(card.plain))


def file_sent_card(name: str, notes: Sequence[str] = (), *, samples_left_out: bool = True) -> Message:
    """Where the file is, and what was said about the question."""
    card = Card()
    card.line("It is too long for a message, so it is in our direct message as the file ", code(name), ".")
    _ending(card, ((LEFT_OUT,) if samples_left_out else ()) + tuple(notes))
    return card.message()


def file_failed_card() -> Message:
    return _one(
        "It is too long for a message, and Slack did not take the file. The bot needs the scopes files:write "
        "and im:write; or use --format human."
    )


def _ending(card: Card, lines: Sequence[str]) -> None:
    for line in lines:
        card.line(line)


def _one(*parts: Part) -> Message:
    card = Card()
    card.line(*parts)
    return card.message()
