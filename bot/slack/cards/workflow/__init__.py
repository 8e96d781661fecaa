"""A workflow as read: `show`, `list`, charts, and their shared versions."""
