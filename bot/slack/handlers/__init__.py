"""What each kind of payload leads to; `router` says which handler answers what."""
