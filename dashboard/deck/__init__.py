"""A slide deck that shows the demos and goes through their states: `python -m dashboard.deck`."""
