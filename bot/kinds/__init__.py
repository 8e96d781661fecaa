"""The kinds of subject: each a package of its own, handed to the engine by `app.py`."""
