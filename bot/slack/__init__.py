"""The chat edge: the signature gate, the listeners, who is who, and what should be in Slack."""
