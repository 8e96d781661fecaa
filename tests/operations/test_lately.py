"""What was decided lately about the very same."""

from datetime import timedelta
from typing import Any

import pytest

from bot.approvals.terms import Gate
from bot.operations.model import State, Story
from bot.operations.storage.lately import lately
from bot.planetscale.calls import WorkflowCall
from tests.slack.cards.stories import COPIED, an_operation, at

REPLICAS, PRIMARIES = WorkflowCall.SWITCH_REPLICAS, WorkflowCall.SWITCH_PRIMARIES


def earlier(name: str, state: State, minute: float, call: WorkflowCall = REPLICAS, **differs: Any) -> Story:
    ended = at(minute)
    known: dict[str, Any] = {"id": name, "asked_at": ended - timedelta(minutes=1), "ended_at": ended}
    return Story(operation=an_operation(call, COPIED, state, **known | differs))


NEW = an_operation(REPLICAS, COPIED, State.WAITING)


def told(*stories: Story) -> list[str]:
    return [one.operation.id for one in lately(NEW, stories)]


@pytest.mark.parametrize(
    "state", [State.DENIED, State.WITHDRAWN, State.EXPIRED, State.SUPERSEDED, State.TOO_LATE, State.REFUSED]
)
def test_what_came_to_nothing_is_told(state: State) -> None:
    """Whatever others had to decide and that was not done is known to whoever decides the same next."""
    assert told(earlier("a", state, 5)) == ["a"]


@pytest.mark.parametrize(
    "other",
    [
        earlier("another action", State.DENIED, 5, PRIMARIES),
        earlier("another workflow", State.DENIED, 5, number=4),
        earlier("another database", State.DENIED, 5, database="crm"),
        earlier("another organization", State.DENIED, 5, organization="acme-eu"),
        earlier("nobody else was asked", State.WITHDRAWN, 5, gate=Gate.CONFIRM),
        earlier("refused by the checks", State.BLOCKED, 5),
        earlier("a day ago", State.DENIED, 13 - 24 * 60),
        earlier("after it was asked", State.DENIED, 20),
        earlier("itself", State.DENIED, 5, id="op1"),
    ],
    ids=lambda story: story.operation.id,
)
def test_what_is_something_else_is_not_told(other: Story) -> None:
    """Only the same action on the same workflow, decided by others within a day before it was asked."""
    assert told(other) == []


def test_the_latest_come_first_until_it_was_done() -> None:
    """At most three, the latest first; what was decided before it was last carried out is history."""
    done = earlier("done", State.SUCCEEDED, 3, sent_at=at(2))
    denied = [earlier(f"d{minute}", State.DENIED, minute) for minute in (1, 2, 4, 6, 8, 10)]
    assert told(*denied, done) == ["d10", "d8", "d6"]
    assert told(*denied[:3], done) == ["d4"]


def test_creates_are_the_same_by_branch_and_name() -> None:
    """A create is compared by what it would create."""
    named = {"branch": "main", "workflow_name": "orders"}
    new = an_operation(None, None, State.WAITING, **named)

    def denied(**differs: Any) -> Story:
        known = {"id": "a", "asked_at": at(4), "ended_at": at(5)} | named | differs
        return Story(operation=an_operation(None, None, State.DENIED, **known))

    assert lately(new, [denied()])
    assert not lately(new, [denied(workflow_name="others")])
    assert not lately(new, [denied(branch="dev")])
