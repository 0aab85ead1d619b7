"""A square root in a loss: its infinite gradient at 0, and remedies."""
