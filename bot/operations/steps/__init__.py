"""What the worker does with an operation: from the first look at who asks to reading back what came of it."""
