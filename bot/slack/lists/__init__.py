"""Lists of many databases: read side by side, and put together with what the bot's rows know."""
