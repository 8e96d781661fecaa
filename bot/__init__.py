"""Workflow Bot: PlanetScale workflows in Slack."""
