"""Enterprise Grid: the organization stands at the top of a payload, or in its team."""

from typing import Any

import pytest

from bot.slack.directory import Home
from bot.slack.handlers.button_presses import pressed_of
from bot.slack.handlers.explanations import pointed_of
from bot.slack.handlers.forms.form_payload import sender_of

HOME = Home("T0ACME", "E0ACME", "U0BOT")
BODIES: list[tuple[dict[str, Any], bool]] = [
    ({"team": {"id": "T0OTHER", "enterprise_id": "E0ACME"}}, True),
    ({"team": {"id": "T0OTHER"}, "enterprise": {"id": "E0ACME"}}, True),
    ({"team": {"id": "T0OTHER", "enterprise_id": "E0ACME"}, "enterprise": None}, True),
    ({"team": None, "user": {"team_id": "E0ACME"}}, True),
    ({"team": {"id": "T0OTHER", "enterprise_id": "E0OTHER"}}, False),
    ({"team": {"id": "T0OTHER", "enterprise_id": {"id": "E0ACME"}}}, False),
    ({"team": "T0ACME", "enterprise": ["E0ACME"]}, False),
]


@pytest.mark.parametrize(("body", "own"), BODIES)
def test_a_press_from_anywhere_in_the_organization(body: dict[str, Any], own: bool) -> None:
    """A press, a form and a shortcut of the bot's own organization count, wherever Slack names it."""
    for found in (pressed_of(body, {}), sender_of(body), pointed_of(body)):
        assert HOME.sent(found.team_id, found.enterprise_id) is own
