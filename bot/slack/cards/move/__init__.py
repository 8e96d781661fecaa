"""The story of a move: where it stands, and once it has ended its record. One telling for all places."""
