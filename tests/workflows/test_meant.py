"""Which workflow is meant by a name, by its beginning, or by nothing."""

import pytest

from bot.workflows.facts.meant import MOST_CHOICES, Candidate, Doubt, Meant, the_one_meant

ORDERS = Candidate(3, "orders-to-customer")
OLD_ORDERS = Candidate(1, "orders-to-customer", active=False)
CATALOG = Candidate(5, "Catalog_split")
CARTS = Candidate(6, "carts", active=False)
ALL = [OLD_ORDERS, ORDERS, CATALOG, CARTS]


def found(typed: str | None, known: list[Candidate]) -> Meant:
    meant = the_one_meant("shop", typed, known)
    assert isinstance(meant, Meant), meant
    return meant


def doubt(typed: str | None, known: list[Candidate]) -> Doubt:
    meant = the_one_meant("shop", typed, known)
    assert isinstance(meant, Doubt), meant
    return meant


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("orders-to-customer", 3),
        ("ORDERS-to-customer", 3),
        ("catalog_split", 5),
        ("cat", 5),
        ("o", 3),
        ("carts", 6),
        ("car", 6),
        ("Ca", 5),
    ],
)
def test_a_name_or_its_beginning_is_enough(typed: str, number: int) -> None:
    """Upper case does not matter, and of several with that beginning the only active one is meant."""
    assert found(typed, ALL).number == number


def test_a_whole_name_goes_before_a_beginning() -> None:
    """`orders` means the workflow of that name, also where an active one's name goes on after it."""
    known = [Candidate(2, "orders", active=False), Candidate(7, "orders-2")]
    assert found("orders", known).number == 2
    assert found("orders-", known).number == 7


def test_what_was_assumed_is_said() -> None:
    """The sentence says what was typed and why it is this one; nothing is assumed of a name that is whole."""
    exact = found("catalog_split", ALL)
    assert (exact.exact, exact.sentence) == (True, "“catalog_split” was typed, which is the name of #5.")
    same = found("orders-to-customer", ALL)
    assert not same.exact
    assert same.sentence == "“orders-to-customer” was typed: #3 is the only active workflow of that name."
    begun = found("cat", ALL)
    assert begun.sentence == "“cat” was typed: #5 Catalog_split is the only active workflow that begins so."
    ended = found("car", ALL)
    assert ended.sentence == "“car” was typed: #6 carts is the only workflow that begins so."


def test_several_are_named_and_none_is_taken() -> None:
    """Where a beginning fits several active workflows, or only several that have ended, nobody guesses."""
    begun = doubt("c", [CATALOG, Candidate(8, "customers"), CARTS])
    assert begun.cause == "2 active workflows of shop begin with “c”."
    assert [one.number for one in begun.choices] == [8, 5]
    ended = doubt("orders-to-customer", [OLD_ORDERS, Candidate(2, "orders-to-customer", active=False)])
    assert ended.cause == "2 workflows of shop are called “orders-to-customer”."
    assert [one.number for one in ended.choices] == [2, 1]


def test_an_unknown_name_is_answered_with_the_likeliest() -> None:
    """A slip of the finger finds what was meant first; of many workflows only some are offered."""
    slip = doubt("odrers-to-customer", ALL)
    assert slip.cause == "No workflow of shop is known that is called “odrers-to-customer” or begins so."
    assert (slip.question, [one.number for one in slip.choices]) == ("Active:", [3, 5])
    many = doubt("x", [Candidate(number, f"move-{number}") for number in range(1, 40)])
    assert len(many.choices) == MOST_CHOICES
    assert doubt("x", [CARTS]).question == "There are:"
    assert doubt("x", []).choices == ()


def test_nothing_typed_means_the_only_active_one() -> None:
    """Ended workflows are in nobody's way where nothing was typed."""
    assert found(None, [OLD_ORDERS, ORDERS, CARTS]).number == 3
    assert doubt(None, ALL).cause == "shop has 2 active workflows."
    assert doubt(None, [CARTS]).choices == ()
