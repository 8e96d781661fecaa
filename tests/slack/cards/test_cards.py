"""The card of an operation, in every stage, compared with what a person reads."""

import re
from typing import Any

import pytest

from bot.approvals.digest import read_button
from bot.operations.model import ENDED, OPEN, State, Story
from bot.planetscale.calls import WorkflowCall
from bot.slack.cards.blocks.controls import DIALOG_BUTTON, DIALOG_TEXT, DIALOG_TITLE
from bot.slack.cards.blocks.rich import MAX_NOTICE, Message, parted
from bot.slack.cards.operation.card import TITLE, operation_card, view_of
from bot.slack.cards.operation.dialogs import approve_dialog, settle_dialog
from bot.workflows.actions.model import Action
from bot.workflows.actions.retry import RETRY
from bot.workflows.actions.switch_traffic import IMPORT_PRIMARIES
from tests.builders import a_workflow
from tests.rows import each_row
from tests.slack.cards.expecting import as_read, expected
from tests.slack.cards.scenes import ALL
from tests.slack.cards.stories import (
    COPIED,
    PRIMARIES_MOVED,
    a_story,
    an_operation,
    approved,
    at,
    button,
    elements,
    lines,
    texts,
)

SCENES = [(name, stage, story) for name, scenes in ALL.items() for stage, story in scenes()]
IDS = [f"{name}: {stage}" for name, stage, _ in SCENES]
every_scene = each_row(("name", "stage", "story"), SCENES, ids=IDS)
NOW = at(20, 35)


@every_scene
def test_the_card(name: str, stage: str, story: Story) -> None:
    """Each stage reads exactly as it is written down, with its buttons and its notification."""
    message = operation_card(story, NOW)
    assert as_read(message) == expected(name)[stage]


def test_nothing_is_written_down_in_vain() -> None:
    """Every stage that is written down is compared with a card."""
    for name, scenes in ALL.items():
        assert set(expected(name)) == {stage for stage, _ in scenes()}


def _action(story: Story) -> Action:
    return view_of(story, NOW).action


def _length(story: Story) -> tuple[int, int]:
    read = texts(operation_card(story, NOW))
    return len(read), sum(map(len, read))


def _of(*states: State) -> list[tuple[str, str, Story]]:
    return [scene for scene in SCENES if scene[2].operation.state in states]


@each_row(("name", "stage", "story"), _of(*OPEN))
def test_an_open_card_fits_a_phone(name: str, stage: str, story: Story) -> None:
    """A card that waits or is under way has at most 9 lines and 1,000 characters, warnings and all."""
    count, length = _length(story)
    assert (count <= 9, length <= 1_000) == (True, True), (stage, count, length)


@each_row(("name", "stage", "story"), _of(*ENDED))
def test_an_ended_card_is_short(name: str, stage: str, story: Story) -> None:
    """A card that ended has at most 5 lines and 600 characters."""
    count, length = _length(story)
    assert (count <= 5, length <= 600) == (True, True), (name, count, length)


@each_row(("name", "stage", "story"), _of(State.WAITING))
def test_three_lines_decide(name: str, stage: str, story: Story) -> None:
    """Above the edge of a card that waits stand what happens and is lost, the way back, and who may approve
    until when: clients may fold what stands beside it, and mention nobody there."""
    above, _ = parted(operation_card(story, NOW).blocks)
    read = [line for block in above for line in lines(Message("", (block,), ""))]
    forced_or_why = [line for line in read if line.startswith(("⛔ Forced over", "Why: "))]
    assert len(read) <= 4 + len(forced_or_why) + (name == "starting"), (name, stage, read)
    assert read[-1].startswith("Asked by @Ana"), (name, stage, read)
    assert "02:44" in read[-1]


@every_scene
def test_the_title_stays(name: str, stage: str, story: Story) -> None:
    """The title is verb, place and name, at most 60 characters, and the same in every stage. Before it stand
    the sign and the word of its weight, and what is forced says so."""
    first = texts(operation_card(story, NOW))[0]
    weight, verb, place = first.split(" · ")
    assert len(f"{verb} · {place}") <= TITLE
    assert len(weight) <= 24
    if "import" not in stage and name not in {"going-back", "starting", "overtaken"}:
        usual = texts(operation_card(next(ALL[name]())[1], NOW))[0]
        assert first.endswith(usual.partition(" · ")[2])
    if stage == "forced":
        assert weight.startswith("⛔ Forced, ")


@every_scene
def test_the_notification_stands_alone(name: str, stage: str, story: Story) -> None:
    """A notification has at most 150 characters, names the place, and holds no sign."""
    text = operation_card(story, NOW).text
    assert len(text) <= MAX_NOTICE, (name, stage)
    assert "shop" in text
    assert not set(text) & set("⛔⚠❓✅↩·▓")


@every_scene
def test_deletion_stands_in_the_first_lines(name: str, stage: str, story: Story) -> None:
    """While it can be approved, what is deleted or that nothing is stands in the three lines that decide."""
    if story.operation.state is not State.WAITING or _action(story) in {IMPORT_PRIMARIES, RETRY}:
        return
    read = texts(operation_card(story, NOW))
    first = [line for line in read[1:] if not line.startswith(("⛔ Forced over", "Why: "))][:3]
    assert any("Deletes" in line for line in first), (name, stage)
    assert any("ay back" in line or "Deletes nothing" in line for line in first)


@every_scene
def test_everybody_sees_who_serves_writes(name: str, stage: str, story: Story) -> None:
    """Every card of an existing workflow says who serves writes; one that is overtaken says where to look."""
    read = "\n".join(lines(operation_card(story, NOW)))
    if story.overtaken_by:
        assert "Since then: " in read
        assert "Writes: " not in read
    elif story.operation.seen is not None:
        assert "Writes: " in read, (name, stage)


_PAST = re.compile(
    r"(^|· )(Done|Completed|Cancelled|Cut over)( in|$)|\b(is|are) deleted from|has moved|(?<!may )have moved"
    r"|successful|has served (writes|replica reads|everything)( again)? since",
    re.MULTILINE,
)
_READ_BACK = frozenset({State.SUCCEEDED, State.IN_PLACE, State.NOT_SEEN})


@every_scene
def test_no_past_tense_before_it_was_read(name: str, stage: str, story: Story) -> None:
    """A card says that something is done only after the state was read back and says so."""
    if story.operation.state not in _READ_BACK:
        read = texts(operation_card(story, NOW))[1:]
        assert not _PAST.search("\n".join(read)), (name, stage)


@every_scene
def test_a_sign_begins_its_line(name: str, stage: str, story: Story) -> None:
    """Signs carry meaning together with a word: one a line, at its start."""
    for line in texts(operation_card(story, NOW)):
        signs = re.findall("⛔|⚠️|❓|✅|↩️", line)
        assert not signs or (len(signs) == 1 and line.startswith(signs[0])), (name, stage, line)


@every_scene
def test_buttons_have_ids_of_their_own(name: str, stage: str, story: Story) -> None:
    """No two buttons of a card share an id, and deciding ones carry what was shown."""
    found = elements(operation_card(story, NOW))
    ids = [one["action_id"] for one in found]
    assert len(set(ids)) == len(ids), (name, stage)
    for one in found:
        if one["action_id"] == "op_approve":
            value = read_button(one["value"])
            assert value is not None
            assert value.operation_id == story.operation.id


def test_a_next_step_is_a_command() -> None:
    """A button that offers the next step carries the line that somebody could have typed."""
    _, succeeded = next(one for one in ALL["switch-replicas"]() if one[0] == "succeeded")
    message = operation_card(succeeded, NOW)
    assert button(message, "Reverse traffic")["value"] == "/workflow reverse-traffic shop 3"
    assert button(message, "Switch primaries")["value"] == "/workflow switch-traffic shop 3"


def test_the_dialog_says_what_the_press_leads_to() -> None:
    """Approve asks once more, and says whether this press is the one that runs it."""
    one = operation_card(a_story(an_operation(WorkflowCall.SWITCH_REPLICAS, COPIED, State.WAITING)), NOW)
    dialog = button(one, "Approve")["confirm"]
    assert {name: dialog[name]["text"] for name in ("title", "text", "confirm", "deny")} == {
        "title": "Switch replica reads of shop #3 now?",
        "text": "Replica and read-only queries for 2 tables move from commerce to customer "
        "(acme / shop / main) as soon as you approve. Writes stay on commerce. "
        "Deletes nothing. Way back: reverse-traffic.",
        "confirm": "Approve and switch",
        "deny": "Go back",
    }
    assert dialog["style"] == "primary"


DIALOGS = {
    "switch-primaries": (
        "Switch primaries of shop #3: move writes to customer now?",
        "All queries for orders and line_items go from commerce to customer (acme / shop / main) "
        "as soon as you approve. "
        "Writes wait for seconds, some may fail. Deletes nothing. "
        "Way back until the cutover: reverse-traffic.",
        "Approve and switch",
        "danger",
    ),
    "cutover": (
        "Cut over shop #3: delete 2 tables from commerce?",
        "orders and line_items are deleted from commerce (acme / shop / main) as soon as you approve. "
        "Nobody can bring them back. "
        "You state that the application no longer names commerce for them and that you looked at errors "
        "since the switch.",
        "Approve and delete",
        "danger",
    ),
    "complete": (
        "Complete shop #3?",
        "Marks the move as finished (acme / shop / main). Deletes nothing. "
        "Afterwards the routing rules cannot be restored any more.",
        "Approve and complete",
        "primary",
    ),
    "cancel": (
        "Cancel shop #3: delete the copies in customer?",
        "The copies of orders and line_items in customer (acme / shop / main) are deleted "
        "as soon as you approve: about 412 M rows, 6 h 10 min of copying. "
        "commerce is not touched. It cannot be undone.",
        "Approve and delete",
        "danger",
    ),
}


@pytest.mark.parametrize("name", DIALOGS)
def test_dialogs(name: str) -> None:
    """Each dialog names what moves or is deleted, in its own words."""
    _, story = next(ALL[name]())
    label = "Approve deletion" if _action(story).deletes else "Approve"
    dialog = button(operation_card(story, NOW), label)["confirm"]
    read = (*(dialog[part]["text"] for part in ("title", "text", "confirm")), dialog["style"])
    assert read == DIALOGS[name]


def test_a_dialog_about_one_table() -> None:
    """One table is deleted, and nobody can bring it back; the place is named, for keyspaces share names."""
    one = PRIMARIES_MOVED.model_copy(update={"tables": PRIMARIES_MOVED.tables and PRIMARIES_MOVED.tables[:1]})
    story = a_story(an_operation(WorkflowCall.CUTOVER, one, State.WAITING))
    dialog = button(operation_card(story, NOW), "Approve deletion")["confirm"]
    assert dialog["title"]["text"] == "Cut over shop #3: delete 1 table from commerce?"
    assert dialog["text"]["text"] == (
        "orders is deleted from commerce (acme / shop / main) as soon as you approve. "
        "Nobody can bring it back. You state that the application no longer names commerce for it "
        "and that you looked at errors since the switch."
    )


@pytest.mark.parametrize("call", WorkflowCall)
@pytest.mark.parametrize("required", [1, 3])
def test_no_dialog_is_cut(call: WorkflowCall, required: int) -> None:
    """However long names are, the whole sentence is there: names are shortened, not what is said."""
    long: dict[str, Any] = {"organization": "o" * 64, "database": "d" * 64, "branch": "b" * 64}
    seen = a_workflow(
        source_keyspace={"name": "s" * 64},
        target_keyspace={"name": "t" * 64},
        tables=[{"name": "x" * 64}, {"name": "y" * 64}],
    )
    story = a_story(an_operation(call, seen, State.WAITING, required=required, **long))
    for dialog in (approve_dialog(view_of(story, NOW)), settle_dialog(view_of(story, NOW))):
        assert len(dialog.title) <= DIALOG_TITLE
        assert len(dialog.text) <= DIALOG_TEXT
        assert len(dialog.confirm) <= DIALOG_BUTTON


def test_a_dialog_that_is_not_the_last() -> None:
    """The first of two is told so: nothing happens by this press alone."""
    story = a_story(an_operation(WorkflowCall.CUTOVER, PRIMARIES_MOVED, State.WAITING, required=2))
    dialog = button(operation_card(story, NOW), "Approve deletion")["confirm"]
    assert dialog["confirm"]["text"] == "Approve (1 of 2)"
    assert "deleted from commerce (acme / shop / main) once 1 more has approved" in dialog["text"]["text"]
    assert dialog["text"]["text"].endswith("Nothing is deleted yet.")
    last = a_story(story.operation, approved())
    dialog = button(operation_card(last, NOW), "Approve deletion")["confirm"]
    assert dialog["confirm"]["text"] == "Approve and delete"


def test_a_deletion_without_names_cannot_be_approved() -> None:
    """Where PlanetScale lists no tables, nobody is offered to approve their deletion."""
    unlisted = PRIMARIES_MOVED.model_copy(update={"tables": None})
    story = a_story(an_operation(WorkflowCall.CUTOVER, unlisted, State.WAITING))
    labels = [one["text"]["text"] for one in elements(operation_card(story, NOW))]
    assert labels == ["Deny", "Withdraw", "Say why", "Details", "Open in PlanetScale"]


def test_who_cannot_go_back_alone_is_not_named() -> None:
    """Where the policy asks for a second person to reverse, the card does not promise otherwise."""
    operation = an_operation(WorkflowCall.SWITCH_REPLICAS, COPIED, State.WAITING)
    read = lines(operation_card(a_story(operation, way_back_alone=False), NOW))
    assert "↩️ Way back: /workflow reverse-traffic shop 3, at any time." in read


def test_people_without_a_known_name_are_mentioned() -> None:
    """Nobody reads an id: where a name is not known, Slack shows it."""
    story = a_story(an_operation(WorkflowCall.SWITCH_REPLICAS, COPIED, State.WAITING, names={}))
    assert "any full member here except @Ana may approve" in "\n".join(lines(operation_card(story, NOW)))
