"""The rows of watches and of their samples, and the questions that are asked of them."""
