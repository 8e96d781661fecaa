"""The scheduler's side: which workflows are watched, when each is read, and what is told of it."""
