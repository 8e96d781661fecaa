"""The rows of operations, their attempts and presses, and the questions that are asked of them."""
