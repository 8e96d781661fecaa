"""A workflow without PlanetScale's own words about it, for where a policy keeps those out."""

from bot.planetscale.models import Stream, Workflow


def without_words(workflow: Workflow) -> Workflow:
    """The same workflow; that something failed can still be seen, what was said about it cannot."""
    streams = workflow.streams and tuple(_silent(stream) for stream in workflow.streams)
    return workflow.model_copy(update={"workflow_errors": None, "streams": streams})


def _silent(stream: Stream) -> Stream:
    logs = stream.logs and tuple(log.model_copy(update={"message": None}) for log in stream.logs)
    return stream.model_copy(update={"info": None, "logs": logs})
