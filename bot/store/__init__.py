"""What the bot keeps. SQLite by default, PostgreSQL for several processes."""
