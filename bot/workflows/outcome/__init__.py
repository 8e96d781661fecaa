"""What a read proves of a request that was sent."""
