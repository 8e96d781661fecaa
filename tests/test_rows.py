"""Tables of like cases in one test."""

import pytest

from tests.rows import each_row


def test_every_row_that_fails_is_named() -> None:
    """A row that fails hides no other: all are tried, and those that failed are told by name."""

    @each_row("number", [1, 2, 3, 4])
    @each_row("sign", "ab", ids=["first", "second"])
    def check(number: int, sign: str) -> None:
        assert number % 2 or sign == "a"

    with pytest.raises(ExceptionGroup, match="2 of 4 rows") as failed:
        check()
    numbers = failed.value.exceptions
    assert [error.__notes__ for error in numbers] == [["row: 2"], ["row: 4"]]
    assert isinstance(numbers[0], ExceptionGroup)
    assert [error.__notes__ for error in numbers[0].exceptions] == [["row: second"]]
