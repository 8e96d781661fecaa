"""PlanetScale's numbered workflow as a kind of subject: its rules (`bot.workflows`) with its client."""
