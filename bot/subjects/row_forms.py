"""How what a kind of subject knows becomes a row, and comes back from one."""

from collections.abc import Mapping
from typing import Annotated, Any, Final, Protocol

from pydantic import PlainValidator, ValidationInfo

from bot.subjects.model import ActionTraits, HappenedToSubject, Observed, Ref, Snapshot

FORMS: Final = "forms"
"""The name by which a validation is told whose forms they are."""


class Forms(Protocol):
    """What stands in the rows of one kind of subject. Reading raises `ValueError` for what is not known.

    What it gives out is a dataclass or a pydantic model: as JSON it is what pydantic makes of it.
    """

    def ref(self, row: Mapping[Any, Any]) -> Ref | None:
        """The subject of a row; `None` while it has no name yet."""
        ...

    def action(self, row: Mapping[Any, Any]) -> ActionTraits:
        """The action of a row of `operations`."""
        ...

    def snapshot(self, data: Any) -> Snapshot:
        """A snapshot from its JSON."""
        ...

    def observed(self, data: Any) -> Observed:
        """What is known of a subject, from its JSON and the moment at which it was read."""
        ...

    def observed_json(self, observed: Observed) -> Any:
        """What is known as JSON, but for the moment at which it was read: that changes with every read."""
        ...

    def happened(self, data: Any) -> HappenedToSubject:
        """What happened, from its JSON."""
        ...

    def urgency(self, observed: Observed | None) -> int:
        """How urgent it is to read a subject of which this is known; the higher goes first."""
        ...


def _snapshot(value: Any, info: ValidationInfo) -> Snapshot | None:
    if value is None or info.context is None:
        return value  # type: ignore[no-any-return] # it is one already
    forms: Forms = info.context[FORMS]
    return forms.snapshot(value)


AnySnapshot = Annotated[Snapshot | None, PlainValidator(_snapshot)]
"""A snapshot in a dataclass that is kept as JSON: read by the forms that the validation is given."""


def _happened(value: Any, info: ValidationInfo) -> HappenedToSubject:
    if info.context is None:
        return value  # type: ignore[no-any-return] # it is one already
    forms: Forms = info.context[FORMS]
    return forms.happened(value)


AnyHappened = Annotated[HappenedToSubject, PlainValidator(_happened)]
"""The same for what happened."""
