"""What one read says: state, kind, traffic, progress, verification, what is deleted when."""
