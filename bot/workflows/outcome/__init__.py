"""What a read proves of a request that was sent, and when to read next."""
