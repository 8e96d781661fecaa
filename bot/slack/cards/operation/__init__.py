"""A request's card in every stage, its buttons, dialogs and the messages in its thread."""
