"""What the state machine of operations runs on: a world that fails on demand, and an oracle."""
