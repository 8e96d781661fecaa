"""Answers to what this version understands and cannot do."""

from bot.slack.cards.rich import Card, Message, code


def no_form_card() -> Message:
    """`create -i`, or a create whose flags are missing."""
    card = Card()
    card.line("This version has no form yet: type the flags. Nothing was sent.")
    card.line("How: ", code("/workflow help create"))
    return card.message()


def no_watching_card() -> Message:
    """`watch` and `unwatch`."""
    card = Card()
    card.line("This version does not watch workflows yet. Nothing was changed.")
    card.line("Look yourself: ", code("/workflow show <DATABASE> <NUMBER>"))
    return card.message()
