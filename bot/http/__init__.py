"""The port on which Slack and the platform reach the bot: uvicorn, and the bounds of its connections."""
