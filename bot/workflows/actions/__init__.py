"""One file an action: all that is true of it and of nothing else. `registry` has the list of them."""
