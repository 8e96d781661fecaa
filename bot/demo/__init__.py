"""The demo: a small Slack with a web page and a small PlanetScale, for trying and for the tests."""
