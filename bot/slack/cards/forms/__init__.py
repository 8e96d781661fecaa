"""The create form and the small windows: what they show, and what may be submitted."""
