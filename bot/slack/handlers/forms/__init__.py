"""The create form: opened, filled as choices are made, searched, submitted."""
