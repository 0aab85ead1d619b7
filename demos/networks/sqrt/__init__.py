"""A root in a loss: its gradient at 0, and what cures it."""
