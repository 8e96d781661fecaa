"""Alembic's scripts, written by hand. A released one is never changed: a new one follows it."""
