"""Whatever PlanetScale may answer, for the cards' tests, and what Slack must be able to take of it."""

import json
from datetime import timedelta
from typing import Any

from hypothesis import strategies as st

from bot.demo.slack.blockkit import MESSAGE_BLOCKS, TEXT_IN_BLOCKS, message_problems, text_length
from bot.planetscale.models import Table, Workflow
from bot.slack.cards.blocks.rich import MAX_NOTICE, Message
from bot.workflows.facts.states import State as WorkflowState
from tests.builders import NOW, a_workflow

HOSTILE = st.sampled_from(
    ["<!channel>", "{target}", "{0.__class__}", "`x`", "*b*", "a\nb", "\u202eabc", "", "%s", "&amp;", "{"]
)
NAMES = st.one_of(HOSTILE, st.text(max_size=80))
MOMENTS = st.one_of(
    st.none(), st.integers(-3_000_000, 3_000_000).map(lambda seconds: NOW + timedelta(seconds=seconds))
)
COUNTS = st.one_of(st.none(), st.integers(0, 2**63 - 1))
FLAGS = st.sampled_from([None, True, False])


@st.composite
def workflows(draw: st.DrawFn) -> Workflow:
    """A workflow of which anything may be missing or strange."""
    keyspaces = st.one_of(st.none(), NAMES.map(lambda name: {"name": name}))
    tables = [
        Table(name=draw(NAMES), rows_copied=draw(COUNTS), rows_total=draw(COUNTS))
        for _ in range(draw(st.integers(0, 8)))
    ]
    update: dict[str, Any] = {
        name: draw(MOMENTS)
        for name in (
            "created_at",
            "started_at",
            "data_copy_completed_at",
            "switch_replicas_at",
            "switch_primaries_at",
            "cutover_at",
            "reversed_at",
        )
    }
    whole = a_workflow(
        name=draw(NAMES),
        state=draw(st.one_of(st.sampled_from(list(WorkflowState)), NAMES)),
        replicas_switched=draw(FLAGS),
        primaries_switched=draw(FLAGS),
        source_keyspace=draw(keyspaces),
        target_keyspace=draw(keyspaces),
        branch=draw(keyspaces),
        workflow_errors=draw(st.one_of(st.none(), NAMES)),
    )
    return whole.model_copy(update=update | {"tables": tuple(tables) or None})


LIVE = {"user", "usergroup", "channel", "link", "broadcast"}


def fits(message: Message) -> None:
    """Slack takes it, its notification is short, and nothing of others is live."""
    blocks = list(message.blocks)
    assert message_problems(blocks) == []
    assert len(blocks) <= MESSAGE_BLOCKS
    assert text_length(blocks) <= TEXT_IN_BLOCKS
    assert '"type": "mrkdwn"' not in json.dumps(blocks)
    assert "<" not in message.text + message.plain
    assert "\n" not in message.text
    assert len(message.text) <= MAX_NOTICE * 5  # escaping makes `&` five characters long
    for block in blocks:
        for section in block.get("elements", ()) if block["type"] == "rich_text" else ():
            for one in section["elements"]:
                assert one["type"] not in LIVE or one["type"] in {"user", "usergroup", "channel", "link"}
                if one["type"] == "link":
                    assert one["url"].startswith("https://acme.slack.com/")
