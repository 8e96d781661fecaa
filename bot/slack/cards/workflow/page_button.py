"""The button that opens a workflow's page at PlanetScale."""

from typing import Final

from bot.planetscale.refs import WorkflowRef
from bot.slack.cards.blocks.controls import LinkButton

OPEN_PAGE: Final = "go_planetscale"
"""Action ids that begin with `go_` open a page: a press is acknowledged, and nothing else is done."""


def page_button(ref: WorkflowRef) -> LinkButton:
    """On every card and answer about one workflow."""
    return LinkButton("Open in PlanetScale", OPEN_PAGE, ref.page)
