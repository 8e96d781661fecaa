"""A workflow without PlanetScale's words about it."""

from bot.workflows.facts.without_words import without_words
from tests.builders import a_workflow


def test_no_word_is_left() -> None:
    """Where a policy keeps PlanetScale's words out, neither errors nor what streams say or log are there."""
    said = "lost connection"
    streams = [{"info": said, "state": "Error", "logs": [{"message": said, "log_type": "Error"}]}]
    silent = without_words(a_workflow(state="error", workflow_errors=said, streams=streams))
    assert said not in silent.model_dump_json()
    assert silent.streams is not None
    assert silent.streams[0].state == "Error"
