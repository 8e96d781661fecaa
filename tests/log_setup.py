"""For tests that set the log up: as it was, afterwards."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import structlog


@contextmanager
def log_setup_kept() -> Iterator[None]:
    """Whatever is set up meanwhile, the tests that come next have the log that they had."""
    root, before = logging.getLogger(), structlog.get_config()
    handlers, level = root.handlers[:], root.level
    levels = {name: logging.getLogger(name).level for name in list(logging.Logger.manager.loggerDict)}
    try:
        yield
    finally:
        root.handlers[:], root.level = handlers, level
        for name, kept in levels.items():
            logging.getLogger(name).setLevel(kept)
        structlog.configure(**before)
