"""An installed bot, as an operator starts it, between the two stand-ins.

These tests run by `make acceptance` alone: they want `--installed`, the folder of a virtual environment into
which nothing but the wheel was installed.
"""

import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from bot.clock import SystemClock
from bot.demo.house import House
from tests.acceptance.installation import Installation, Street
from tests.serve import serve
from tests.store.postgres import PostgresServer, find_binaries


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--installed", type=Path, help="the virtual environment that holds the wheel")


@pytest.fixture(scope="session")
def installation(request: pytest.FixtureRequest) -> Installation:
    folder: Path | None = request.config.getoption("--installed")
    assert folder, "make acceptance"
    return Installation(folder.absolute())


@pytest.fixture
async def street(installation: Installation, tmp_path: Path) -> AsyncIterator[Street]:
    """The stand-ins on a real port, in real time, and what an operator writes into `.env` for them."""
    house = House(SystemClock())
    async with serve(house.app) as url:
        opened = Street(installation, house, url, tmp_path)
        try:
            yield opened
        finally:
            await opened.close()
            await house.close()


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    binaries = find_binaries()
    if binaries is None:
        assert not os.environ.get("CI"), "PostgreSQL is not installed"
        pytest.skip("PostgreSQL is not installed")
    server = PostgresServer(binaries)
    try:
        yield server
    finally:
        server.stop()
