"""What the tests of this folder share."""

import pytest

from tests.store.databases import sqlite_template

__all__ = ["sqlite_template"]

pytest.register_assert_rewrite("tests.crash.proof", "tests.crash.stage")
