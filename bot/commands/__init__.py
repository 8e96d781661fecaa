"""Chat text → commands and help, both from one grammar. Pure: no clock, no I/O, no framework."""
