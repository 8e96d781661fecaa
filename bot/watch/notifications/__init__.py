"""What is told of a change, how loudly, and which operation of the bot caused it."""
