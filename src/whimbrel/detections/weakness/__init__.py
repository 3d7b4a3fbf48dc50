"""What could be attacked, though nobody does."""
