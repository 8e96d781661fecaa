"""Charts of a copy: the picture, and the answer that carries it."""
