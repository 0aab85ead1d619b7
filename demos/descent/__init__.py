"""Gradient flow and descent: optimizers compared with the exact flow on one landscape, and with predictions."""

TITLE = "Gradient flow and descent"
SENTENCE = "Drop points on a landscape, and know before they move where they will go, how fast, and when they will not."
