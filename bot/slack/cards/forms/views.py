"""The create form while it has no fields yet: looking, asking for the place, or stuck with a way on."""

from bot.slack.cards.blocks.rich import Block
from bot.slack.cards.forms.draft import FormOrigin
from bot.slack.cards.forms.elements import button, modal, row, search, section, small
from bot.slack.cards.forms.fields import AGAIN, ELSEWHERE, Field

__all__ = ["place_view", "reading_view", "stuck_view"]

_NO_MOVE = "Nothing was sent."


def reading_view(origin: FormOrigin) -> Block:
    """Shown at once. It has a way on of its own: the bot may stop while it reads."""
    place = f"keyspaces of {origin.place}" if origin.branch else "what you may choose"
    return modal(
        origin,
        [
            section(f"Reading {place} …"),
            small("If nothing comes for half a minute:"),
            row(button("Try again", AGAIN)),
        ],
    )


def place_view(origin: FormOrigin) -> Block:
    """Asks for the database, then for its branch; choosing the branch leads on."""
    blocks = [section("In which database, and on which branch?")]
    blocks.append(
        _choice(
            Field.DATABASE.value,
            "Database",
            search(Field.DATABASE, "Type a part of its name", origin.database),
        )
    )
    if origin.database:
        branch = search(Field.BRANCH, "Type a part of its name")
        blocks.append(_choice(Field.BRANCH.about(origin.database), f"Branch of {origin.database}", branch))
    return modal(origin, blocks)


def stuck_view(origin: FormOrigin, *said: str) -> Block:
    """A read failed, the person may not, or something is in the way: in sentences, and a way on."""
    on = [button("Try again", AGAIN, primary=True)]
    if origin.database:
        on.append(button("Choose another database or branch", ELSEWHERE))
    told = any(_NO_MOVE in sentence for sentence in said)
    return modal(origin, [section(*filter(None, said), *(() if told else (_NO_MOVE,))), row(*on)])


def _choice(block_id: str, label: str, element: Block) -> Block:
    """A select beside its label, which leads on as soon as something is chosen."""
    return section(label) | {"block_id": block_id, "accessory": element}
