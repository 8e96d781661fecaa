"""What the tests of this folder share."""

import pytest

from tests.store.databases import database_url, postgres, postgres_template

__all__ = ["database_url", "postgres", "postgres_template"]

pytest.register_assert_rewrite("tests.crash.proof", "tests.crash.stage")
