"""Chat text → commands, help and completion, all from one grammar. Pure: no clock, no I/O, no framework."""
