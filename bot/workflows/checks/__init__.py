"""Pre-flight: what is checked before an action is asked for, drawn on a card, or sent.

Each check is a small function that yields findings; which action has which stands in the action's own file.
`check_run` says what to read, and judges it.
"""
