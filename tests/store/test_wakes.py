"""What wakes the parts of the process."""

from structlog.contextvars import get_contextvars

from bot.runtime.log_context import about_operation
from bot.store.engine.notify import Part, Wakes


def test_what_is_woken_is_about_something_else() -> None:
    """Lines of the watcher, which an operation woke, do not carry that operation's id."""
    wakes, seen = Wakes(), list[dict[str, object]]()
    wakes.on(Part.WATCH, lambda: seen.append(get_contextvars()))
    with about_operation("4BmoHn6eYss4T7nyCaAbRg"):
        wakes.call([Part.WATCH])
        assert get_contextvars() == {"operation": "4BmoHn6eYss4T7nyCaAbRg"}
    assert seen == [{}]
