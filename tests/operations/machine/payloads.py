"""What Slack delivers, and what a client that is not Slack's could have written instead."""

from tests.operations.machine.slack import TEAM, Json, View

FORGERIES = (
    *("another database", "another branch", "another organization", "no metadata", "strange metadata"),
    *("the same keyspace", "a strange table", "another count of tables", "no state", "another workspace"),
)


def _from(kind: str, user: str, trigger: str) -> Json:
    team = {"id": TEAM, "domain": "acme"}
    return {"type": kind, "team": team, "user": {"id": user, "team_id": TEAM}, "trigger_id": trigger}


def command(text: str, user: str, trigger: str) -> Json:
    """`/workflow …`."""
    place = {"team_id": TEAM, "channel_id": "C1", "response_url": "https://reply/1"}
    return {"command": "/workflow", "text": text, "user_id": user, "trigger_id": trigger} | place


def in_card(element: Json, user: str, trigger: str) -> Json:
    """A press under a message in the channel."""
    container = {"type": "message", "message_ts": "1.1", "channel_id": "C1", "is_ephemeral": False}
    place = {"container": container, "channel": {"id": "C1"}, "response_url": "https://reply/1"}
    return _from("block_actions", user, trigger) | place | {"actions": [element]}


def in_answer(element: Json, user: str, trigger: str) -> Json:
    """A press under a private answer."""
    payload = in_card(element, user, trigger)
    return payload | {"container": payload["container"] | {"is_ephemeral": True}}


def in_view(view: Json, element: Json, user: str, trigger: str) -> Json:
    """A press or a choice in a window or in Home."""
    container = {"type": "view", "view_id": view.get("id", "")}
    return _from("block_actions", user, trigger) | {
        "container": container,
        "view": view,
        "actions": [element],
    }


def submission(view: Json, user: str, trigger: str) -> Json:
    """A window that is submitted."""
    return _from("view_submission", user, trigger) | {"view": view}


def suggestion(view: Json, user: str, action_id: str, block_id: str) -> Json:
    """Letters typed into a select."""
    place = {"action_id": action_id, "block_id": block_id, "value": "", "view": view}
    return _from("block_suggestion", user, "") | place


def shortcut(user: str, trigger: str) -> Json:
    """ "What is this?" on a message."""
    place = {"callback_id": "what_is_this", "channel": {"id": "C1"}, "message": {"ts": "1.1", "user": user}}
    return _from("message_action", user, trigger) | place


def home_opened(user: str) -> Json:
    """Somebody opens Home."""
    event = {"type": "app_home_opened", "user": user, "tab": "home"}
    return {"type": "event_callback", "team_id": TEAM, "event": event, "event_id": "Ev1"}


def filled(view: View, fields: Json) -> Json:
    """A window as payloads carry it, everything as the bot filled it but for `fields`.

    `fields`: action ids with a text, a value, a list of values, or `True` for all there are.
    """
    values: Json = {}
    for block in view.body["blocks"]:
        element = block.get("element")
        if element and "block_id" in block:
            values[block["block_id"]] = {element["action_id"]: _held(element, fields)}
    return view.json() | {"state": {"values": values}}


def _held(element: Json, fields: Json) -> Json:
    kind, wanted = element["type"], fields.get(element["action_id"])
    if kind == "plain_text_input":
        return {"type": kind, "value": wanted or element.get("initial_value")}
    if kind in {"checkboxes", "multi_external_select"}:
        before = element.get("initial_options", [])
        offered = element.get("options", []) if wanted is True else [option(one) for one in wanted or ()]
        return {"type": kind, "selected_options": before if wanted is None else offered}
    before = element.get("initial_option")
    if wanted is True:
        wanted = element["options"][-1]["value"]
    return {"type": kind, "selected_option": option(wanted) if wanted else before}


def option(value: str) -> Json:
    """A choice."""
    return {"text": {"type": "plain_text", "text": value}, "value": value}


def forge(payload: Json, how: str) -> Json:
    """The same submission, as a client that is not Slack's could write it; as it is for any other `how`."""
    view, metadata = payload["view"], str(payload["view"].get("private_metadata"))
    elsewhere = {"team": {"id": "T0OTHER"}, "user": payload["user"] | {"team_id": "T0OTHER"}}
    changes: Json = {
        "another database": {"private_metadata": metadata.replace("shop", "named").replace("duo", "shop")},
        "another branch": {"private_metadata": metadata.replace("spare", "main")},
        "another organization": {"private_metadata": metadata.replace("{", '{"organization":"other",', 1)},
        "no metadata": {"private_metadata": None},
        "strange metadata": {"private_metadata": '{"channel":"C1","database":"../x","branch":"spare"}'},
        "the same keyspace": _with(view, "cf_target", {"selected_option": option("commerce")}),
        "a strange table": _with(view, "cf_tables", {"selected_options": [option("payroll")]}),
        "another count of tables": _with(view, "cf_every", {"selected_option": option("9-00")}),
        "no state": {"state": None},
    }
    return payload | {"view": view | changes.get(how, {})} | (elsewhere if how == "another workspace" else {})


def _with(view: Json, action: str, held: Json) -> Json:
    """Something else in all fields of that action."""
    values = {
        block: {name: held if name == action else was for name, was in actions.items()}
        for block, actions in view["state"]["values"].items()
    }
    return {"state": {"values": values}}


def actions_in(shown: object) -> list[Json]:
    """Everything in a view that can be pressed or chosen, however deep it stands."""
    if isinstance(shown, list):
        return [found for one in shown for found in actions_in(one)]
    if not isinstance(shown, dict):
        return []
    own = [shown] if "action_id" in shown else []
    return own + [found for one in shown.values() for found in actions_in(one)]
