"""A slide deck in which embedded demos change from slide to slide: `python -m dashboard.deck` writes it."""
