"""What the rules of any kind of subject say, in words that the engine understands. Pure."""
