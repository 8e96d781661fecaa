"""Charts of a copy: the points, the picture, the answer that carries it."""
