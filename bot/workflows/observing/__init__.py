"""What several reads say together: changes, stages, estimates, alerts about what lasts too long."""
