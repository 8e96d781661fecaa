"""Column types that give back the same Python values from SQLite and from PostgreSQL."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import JSON, BigInteger, Dialect, Integer, Text
from sqlalchemy.types import TypeDecorator

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Moment(TypeDecorator[datetime]):
    """An aware datetime, given back in UTC; stored as microseconds since 1970. `ValueError` if naive."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:  # noqa: ARG002 - SQLAlchemy's shape
        if value is None:
            return None
        if value.tzinfo is None:
            msg = "a moment without a time zone cannot be stored"
            raise ValueError(msg)
        return (value - _EPOCH) // _MICROSECOND

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        return None if value is None else _EPOCH + value * _MICROSECOND


class WrittenText(TypeDecorator[str]):
    """Text of any origin. What cannot be stored (NUL, half a surrogate pair) becomes a question mark."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        return None if value is None else storable(value)


def storable(text: str) -> str:
    """The text as `WrittenText` gives it back."""
    return text.replace("\0", "?").encode("utf-8", "replace").decode()


Json = JSON(none_as_null=True)
"""What `json` can write; NaN and infinities raise `ValueError`. Keys keep their order. `None` is NULL."""

Large = BigInteger().with_variant(Integer, "sqlite")
"""A whole number of 64 bits, such as others give out; SQLite's plain INTEGER holds them."""

Serial = Large
"""A number that the database gives out; SQLite does so only for a plain INTEGER."""
