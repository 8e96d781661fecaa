"""Which workflows are read when, the reading, and writing down what was read."""
