"""`blocks.validate`: whether blocks, a message or a view would be taken. It changes nothing."""

import re

from bot.demo.slack.arguments import Arguments
from bot.demo.slack.blockkit import view_problems
from bot.demo.slack.model import Json, SlackError
from bot.demo.slack.world import Draft, World

KINDS = ("blocks", "message", "view")
_SAID = re.compile(r"\[ERROR\] (?P<message>.*?) ?\[json-pointer:(?P<pointer>[^\]]*)\]")


def validate(_: World, arguments: Arguments) -> Json:
    """Raises `invalid_blocks`, `invalid_message` or `invalid_view`, with where it is wrong."""
    given = [kind for kind in KINDS if arguments.has(kind)]
    if len(given) != 1:
        said = ["must provide exactly one of `blocks`, `view`, or `message`"]
        raise SlackError("invalid_arguments", response_metadata={"messages": said})
    kind = given[0]
    if problems := _problems(kind, arguments):
        refused = f"invalid_{kind}"
        raise SlackError(refused, errors=[_error(one) for one in problems])
    return {}


def _problems(kind: str, arguments: Arguments) -> list[str]:
    if kind == "view":
        return view_problems(arguments.object("view") or {})
    message = (
        arguments.object("message") or {} if kind == "message" else {"blocks": arguments.objects("blocks")}
    )
    draft = Draft(blocks=message.get("blocks", []), attachments=message.get("attachments", []))
    try:
        draft.check()
    except SlackError as error:
        errors = error.details.get("errors")
        return [str(one) for one in errors] if isinstance(errors, list) else [error.error]
    return []


def _error(problem: str) -> Json:
    found = _SAID.match(problem)
    said = found.groupdict() if found else {"message": problem, "pointer": "/"}
    return {"code": "failed_constraint", **said}
