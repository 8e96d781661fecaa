"""Workflow Bot: PlanetScale workflows in Slack."""

__version__ = "0.2.0"
"""The one place that says it; CHANGELOG.md says what is in it."""
