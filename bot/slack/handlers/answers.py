"""What a question is answered with."""

from dataclasses import dataclass

from bot.commands.model import ListWorkflows, ShowWorkflow
from bot.slack.cards.answers.brief_answers import MAX_INLINE, data_card, file_failed_card, file_sent_card
from bot.slack.cards.blocks.controls import Control, LinkButton
from bot.slack.cards.blocks.rich import Message
from bot.slack.replies.private_replies import Attached, File, Native

Question = ListWorkflows | ShowWorkflow


@dataclass(frozen=True, slots=True)
class Shareable:
    """An answer in words, which others may be shown as well."""

    message: Message
    line: str
    """The line that asks for it, with nothing left out."""
    steps: tuple[Control, ...] = ()
    """What whoever asked may go on with."""
    link: LinkButton | None = None
    """The page of the one workflow that it is about."""


Answer = Message | Attached | Native | Shareable


def data_answer(text: str, name: str, question: Question, notes: tuple[str, ...] = ()) -> Message | Attached:
    """Data to copy, or as a file where it is long. `notes`: what is said under it."""
    samples, said = isinstance(question, ShowWorkflow), (*question.remarks, *notes)
    if len(text) <= MAX_INLINE:
        return data_card(text, said, samples_left_out=samples)
    file = File(f"{name}.{question.format}", text)
    sent = file_sent_card(file.name, said, samples_left_out=samples)
    return Attached(file, sent, file_failed_card())
