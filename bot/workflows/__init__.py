"""What a workflow as read means, and what may be done with it. Pure: no clock, no I/O."""
