"""A workflow without PlanetScale's own words about it, for where a policy keeps those out."""

from bot.planetscale.models import Workflow


def without_words(workflow: Workflow) -> Workflow:
    """The same workflow; that something failed can still be seen, what was said about it cannot."""
    streams = workflow.streams and tuple(one.model_copy(update={"info": None}) for one in workflow.streams)
    return workflow.model_copy(update={"workflow_errors": None, "streams": streams})
