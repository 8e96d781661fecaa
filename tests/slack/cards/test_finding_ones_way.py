"""What helps people to find their way: the start page, the explanation, what was assumed, what is shared."""

from typing import Any

import pytest

from bot.approvals.terms import Gate
from bot.operations.model import Outcome, State, Story
from bot.planetscale.calls import WorkflowCall
from bot.planetscale.models import Workflow
from bot.planetscale.refs import WorkflowRef
from bot.slack.cards.answers.brief_answers import noted, still_asking_card, which_workflow_card
from bot.slack.cards.answers.private_answers import private_answer
from bot.slack.cards.answers.start import Here, start_card
from bot.slack.cards.answers.what_is_this import explanation
from bot.slack.cards.operation.card import operation_card
from bot.slack.cards.operation.confirm import confirm_question
from bot.slack.cards.workflow.page_button import page_button
from bot.slack.cards.workflow.share import offered, share_refused_card, shared
from bot.watch.model import Origin, Watch
from bot.workflows.facts.kind import WorkflowKind
from bot.workflows.observing.observed_state import ObservedState
from tests.builders import NOW, a_workflow
from tests.slack.cards.stories import (
    COPIED,
    CUT_OVER,
    NAMES,
    PRIMARIES_MOVED,
    REPLICAS_MOVED,
    RULES_BACK,
    a_story,
    an_operation,
    at,
    elements,
    lines,
)

ASSUMED = "The number was left out: #3 was the only active workflow."
NEVER_VERIFIED = a_workflow(state="running", verify_data_at=None, vdiff=None)
STOPPED = a_workflow(state="stopped")
HOSTILE = "<!channel> *bold* `code` <https://evil|x>"


def _story(state: State = State.WAITING, **differs: Any) -> Story:
    return a_story(an_operation(WorkflowCall.SWITCH_REPLICAS, COPIED, state, names=NAMES, **differs))


def _watch(
    number: int = 3,
    workflow: Workflow | None = COPIED,
    kind: WorkflowKind = WorkflowKind.MOVE,
    **differs: Any,
) -> Watch:
    times: dict[str, Any] = {"read_at": NOW, "detail_at": NOW, "entered_at": NOW}
    observed = ObservedState(workflow=workflow, kind=kind, **times) if workflow else None
    usual: dict[str, Any] = {
        "id": f"w{number}",
        "ref": WorkflowRef("acme", "shop", number),
        "places": ("C0DB",),
        "origin": Origin.TOUCHED,
        "observed": observed,
        "created_at": NOW,
    }
    return Watch(**usual | differs)


def _start(*running: Watch, waiting: tuple[Story, ...] = (), **more: Any) -> list[str]:
    here = Here(**{"running": running, "waiting": waiting, "links": {}} | more)
    return lines(start_card(here, NOW))


def test_what_runs_is_a_line_each() -> None:
    """A workflow that was not read yet, or cannot be read now, is shown as what it is."""
    told = _start(_watch(3), _watch(4, None), _watch(5, silent_since=at(8)))
    assert told[0] == "Watched · 3"
    assert told[1].startswith("shop #3 orders-to-customer · ")
    assert told[2] == "shop #4 · not read yet"
    assert "last known: " in told[3]


def test_three_commands_at_most() -> None:
    """However much runs and waits, three commands are named, the last one is the help."""
    many = tuple(_watch(number) for number in range(1, 30))
    told = _start(*many, waiting=tuple(_story() for _ in range(20)))
    after = told[told.index("Next") + 1 :]
    assert len(after) == 3
    assert after[0] == "/workflow approvals  shows all 20 requests that wait."
    assert after[-1].startswith("/workflow help")
    assert len(told) <= 16


def _steps(*running: Watch, **more: Any) -> list[str]:
    """What stands under `Next`, without what is said in any case."""
    told = _start(*running, **more)
    return [line for line in told[told.index("Next") + 1 :] if "workflow list" not in line][:-1]


def test_the_next_step_of_what_runs_is_named() -> None:
    """The first workflow that has a next step lends the command that one may want to type."""
    assert _steps(_watch(3, NEVER_VERIFIED)) == [
        "/workflow verify-data shop 3  is the next step of shop #3.",
        "/workflow show shop 3  shows one of them, read afresh.",
    ]


@pytest.mark.parametrize(
    ("workflow", "step"),
    [
        (STOPPED, "shop #4: find the cause, then retry: /workflow retry shop 4"),
        (
            REPLICAS_MOVED,
            "shop #4: look at replica reads in the application, then move the writes: "
            "/workflow switch-traffic shop 4",
        ),
        (
            RULES_BACK,
            "shop #4: fix the application, then cut over again, which deletes nothing more: "
            "/workflow cutover shop 4",
        ),
    ],
)
def test_a_next_step_stands_with_its_condition(workflow: Workflow, step: str) -> None:
    """What has to be so before a step is read before its command."""
    assert _steps(_watch(4, workflow))[0] == step


@pytest.mark.parametrize("workflow", [CUT_OVER, PRIMARIES_MOVED])
def test_what_is_for_good_is_not_offered_in_a_line(workflow: Workflow) -> None:
    """An end that cannot be taken back is no next step here: one reads where all of it is said."""
    assert _steps(_watch(3, workflow)) == ["/workflow show shop 3  says what comes next for shop #3."]
    assert _steps(_watch(3, workflow), _watch(4, NEVER_VERIFIED)) == [
        "/workflow verify-data shop 4  is the next step of shop #4.",
        "/workflow show shop 3  says what comes next for shop #3.",
    ]


def test_what_may_be_an_import_is_not_switched_from_a_line() -> None:
    """Where an application may have to be connected first, that is said where the switch is offered."""
    assert _steps(_watch(3, COPIED, kind=WorkflowKind.UNKNOWN)) == [
        "/workflow show shop 3  says what comes next for shop #3."
    ]
    assert _steps(_watch(3, COPIED))[0] == (
        "/workflow switch-traffic shop 3 --replicas-only  is the next step of shop #3."
    )


def test_no_step_while_it_cannot_be_read_or_is_asked_for() -> None:
    """Of what is last known nothing is offered, and neither what would be asked for twice."""
    silent = _watch(3, NEVER_VERIFIED, silent_since=at(8))
    assert _steps(silent) == ["/workflow show shop 3  shows one of them, read afresh."]
    told = _start(_watch(3), waiting=(_story(),), links={"op1": "https://s/card"})
    assert not any("next step" in line for line in told)


def test_links_stand_where_they_are_known() -> None:
    """A live message and a card are linked once they are in Slack."""
    found = start_card(
        Here(
            running=(_watch(),), waiting=(_story(),), links={"w3": "https://s/live", "op1": "https://s/card"}
        ),
        NOW,
    )
    assert "https://s/live" in str(found.blocks)
    assert "https://s/card" in str(found.blocks)


def test_foreign_text_is_dead_on_the_start_page() -> None:
    """A workflow's name cannot mention anybody."""
    named = COPIED.model_copy(update={"name": HOSTILE})
    message = start_card(Here(running=(_watch(3, named),), waiting=(), links={}), NOW)
    assert "<!channel>" not in message.plain
    assert "<!channel>" not in message.text


@pytest.mark.parametrize("state", list(State))
def test_every_card_can_be_explained(state: State) -> None:
    """In whatever state a request is, the window says what it is about, and is short enough to be read."""
    for story in (_story(state), a_story(an_operation(None, None, state, arguments={"name": "move"}))):
        view = explanation(story, at(30))
        assert "This card: " in str(view["blocks"])
        assert len(view["blocks"]) <= 3
        assert len(str(view["blocks"])) < 6_000
        assert "submit" not in view


def test_live_messages_are_explained_without_a_request() -> None:
    """A message that is about no request is explained as what the bot tells by itself."""
    text = str(explanation(None, NOW)["blocks"])
    assert "This card: " not in text
    assert "live message" in text


@pytest.mark.parametrize("state", list(State))
def test_what_was_assumed_stands_on_the_card_in_every_stage(state: State) -> None:
    """Whoever looks at the card, whenever, reads that the number was left out."""
    read = lines(operation_card(_story(state, assumed=ASSUMED), at(30)))
    assert any(line.endswith(ASSUMED) for line in read)
    assert ASSUMED not in lines(operation_card(_story(state), at(30)))


def test_what_was_assumed_stands_in_the_private_question() -> None:
    """The requester reads it before they confirm."""
    operation = an_operation(
        WorkflowCall.REVERSE_TRAFFIC, PRIMARIES_MOVED, State.WAITING, gate=Gate.CONFIRM, assumed=ASSUMED
    )
    assert lines(confirm_question(a_story(operation), at(1)))[1] == ASSUMED


def test_an_unclear_request_is_answered_with_lines_to_paste() -> None:
    """Each line is the one that was typed, with a number, and every flag but `--force`."""
    operation = an_operation(
        WorkflowCall.SWITCH_REPLICAS,
        None,
        State.BLOCKED,
        force=True,
        choices=((5, "catalog-split"), (3, HOSTILE)),
        outcome=Outcome(cause="shop has 2 active workflows, and no number was typed."),
    )
    message = private_answer("which", a_story(operation), at(1))
    told = lines(message)
    assert told[0] == "shop has 2 active workflows, and no number was typed."
    assert told[1] == "/workflow switch-traffic shop 5 --replicas-only  catalog-split"
    assert told[-1] == "Nothing was sent. --force is left out of these lines."
    assert "<!channel>" not in message.plain


def test_a_shared_answer_is_the_private_one_without_its_buttons() -> None:
    """Others read what the person read, and who shares it; of its buttons only the page is among it."""
    answer = noted(still_asking_card(), [ASSUMED])
    page = page_button(WorkflowRef("acme", "shop", 3))
    line = "/workflow show shop 3"
    private, public = offered(answer, line, (), page), shared(answer, HOSTILE, page)
    assert lines(private)[-1] == "[Refresh] [Open in PlanetScale] [Share in channel]"
    assert [one.get("value") for one in elements(private)] == [line, None, line]
    assert lines(public)[:-2] == lines(answer)
    assert lines(public)[-2:] == ["[Open in PlanetScale]", f"Shared by {HOSTILE}"]
    assert "<!channel>" not in public.plain
    assert public.text == answer.text


def test_what_is_noted_stands_under_the_answer() -> None:
    """A note changes nothing of the answer, and is there in the form without blocks too."""
    answer = which_workflow_card("shop", "shop has no active workflow.", ())
    assert noted(answer, ()) is answer
    assert lines(noted(answer, [ASSUMED])) == [*lines(answer), ASSUMED]
    assert noted(answer, [ASSUMED]).plain.endswith(ASSUMED)


@pytest.mark.parametrize("error", ["not_in_channel", "channel_not_found", "is_archived", "ratelimited", ""])
def test_a_share_that_slack_refuses_says_what_to_do(error: str) -> None:
    """Whatever Slack says, the person reads the next step."""
    assert "again" in lines(share_refused_card(error))[0]
