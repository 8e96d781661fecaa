"""PlanetScale's API: client, models, errors, request budget. Knows nothing else of the bot."""
