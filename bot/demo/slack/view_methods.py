"""`views.*` and `files.*`: modals, the Home tab, and files that are shared."""

from bot.demo.slack.arguments import Arguments
from bot.demo.slack.blockkit import view_problems
from bot.demo.slack.model import BOT_USER, File, Json, SlackError, View
from bot.demo.slack.world import Draft, World

DEEP = 3
FILE_BYTES = 10_000_000
ALT_TEXT = 1_000


def checked(body: Json | None, kind: str) -> Json:
    """A view that may be shown. Raises `invalid_arguments` with what is wrong."""
    problems = view_problems(body or {})
    if body and body.get("type") != kind:
        problems.append(f"[ERROR] must be a {kind} [json-pointer:/view/type]")
    if problems or body is None:
        raise SlackError("invalid_arguments", response_metadata={"messages": problems})
    return body


def open_view(world: World, arguments: Arguments) -> Json:
    body = checked(arguments.object("view"), "modal")
    user = world.use_trigger(arguments.needed("trigger_id"))
    return {"view": world.show_view(user, body).json()}


def push_view(world: World, arguments: Arguments) -> Json:
    body = checked(arguments.object("view"), "modal")
    user = world.use_trigger(arguments.needed("trigger_id"))
    may_push(world, user)
    return {"view": world.show_view(user, body, on_top=True).json()}


def may_push(world: World, user: str) -> None:
    """Raises `push_limit_reached` when three modals are open."""
    if len(world.open_views.get(user, ())) >= DEEP:
        raise SlackError("push_limit_reached")


def update_view(world: World, arguments: Arguments) -> Json:
    body = checked(arguments.object("view"), "modal")
    view = _view(world, arguments)
    if arguments.text("hash") not in ("", view.hash):
        raise SlackError("hash_conflict")
    return {"view": world.show_view(view.user, body, instead_of=view).json()}


def publish_view(world: World, arguments: Arguments) -> Json:
    body = checked(arguments.object("view"), "home")
    user = arguments.needed("user_id")
    if user not in world.people:
        raise SlackError("user_not_found")
    old = world.homes.get(user)
    if old and arguments.text("hash") not in ("", old.hash):
        raise SlackError("hash_conflict")
    return {"view": world.publish_home(user, body).json()}


def _view(world: World, arguments: Arguments) -> View:
    external = arguments.text("external_id")
    if external:
        found = [view for view in world.views.values() if view.body.get("external_id") == external]
    else:
        own = world.views.get(arguments.needed("view_id"))
        found = [own] if own else []
    if not found:
        raise SlackError("not_found")
    return found[0]


def upload_url(world: World, arguments: Arguments) -> Json:
    length = arguments.number("length", 0, FILE_BYTES)
    alt_text = arguments.text("alt_txt")
    if len(alt_text) > ALT_TEXT:
        raise SlackError("alt_txt_too_large")
    file = File(
        id=f"F{world.number():08d}",
        name=arguments.needed("filename"),
        title="",
        length=length,
        alt_text=alt_text,
    )
    world.files[file.id] = file
    return {"upload_url": f"{world.public_url}/upload/{file.id}", "file_id": file.id}


def upload(world: World, name: str, content: bytes) -> Json:
    """Take the content of an announced file. Raises `SlackError`."""
    file = world.files.get(name)
    if file is None:
        raise SlackError("file_not_found")
    if len(content) != file.length:
        raise SlackError("wrong_length")
    file.content = content
    return {"file_id": name}


def complete_upload(world: World, arguments: Arguments) -> Json:
    files: list[File] = []
    for item in arguments.objects("files", "invalid_arguments"):
        file = world.files.get(str(item.get("id")))
        if file is None or file.content is None:
            raise SlackError("file_not_found")
        file.title = str(item.get("title") or file.name)
        files.append(file)
    if not files:
        raise SlackError("invalid_arguments")
    if arguments.text("channel_id"):
        channel = world.channel_for(arguments.text("channel_id"), BOT_USER)
        world.may_post(channel, BOT_USER)
        draft = Draft(text=arguments.text("initial_comment"), thread_ts=arguments.text("thread_ts") or None)
        world.post(channel, BOT_USER, draft).files = files
    return {"files": [file.json() for file in files]}
