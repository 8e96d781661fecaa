"""State → message. Pure: no client, no clock, no framework."""
