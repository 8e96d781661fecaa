"""The address of a workflow's page at PlanetScale: made and read in one place."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.planetscale.refs import WorkflowRef

NAMES = st.text(min_size=1, max_size=30).filter(lambda name: name.isprintable())


@given(NAMES, NAMES, st.integers(1, 999_999_999))
def test_what_is_made_is_read(organization: str, database: str, number: int) -> None:
    """The address that a button opens leads back to its workflow, whatever its names are."""
    ref = WorkflowRef(organization, database, number)
    assert WorkflowRef.of_page(ref.page) == ref


@pytest.mark.parametrize(
    "address",
    [
        "",
        "https://app.planetscale.com",
        "https://app.planetscale.com//shop/workflows/3",
        "https://app.planetscale.com/acme/shop/workflows/-3",
        "https://app.planetscale.com/acme/shop/workflows/３",
        "https://app.planetscale.com/acme/shop/workflows/3//",
        "https://app.planetscale.com@evil.example/acme/shop/workflows/3",
        "https://user@app.planetscale.com/acme/shop/workflows/3",
        "https://app.planetscale.com.evil.example/acme/shop/workflows/3",
        "https://[/acme/shop/workflows/3",
        "javascript:https://app.planetscale.com/acme/shop/workflows/3",
    ],
)
def test_other_addresses_are_none(address: str) -> None:
    """An address that is not exactly a workflow's page names no workflow."""
    assert WorkflowRef.of_page(address) is None


@given(st.text())
def test_any_text_may_be_asked(address: str) -> None:
    """Whatever is pasted, asking whether it is a page does no harm."""
    WorkflowRef.of_page(address)
    WorkflowRef.of_page(f"https://app.planetscale.com/{address}")
