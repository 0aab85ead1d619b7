"""Gradient flow and descent: methods over the exact flow of one landscape, with predictions beside them."""

TITLE = "Gradient flow and descent"
SENTENCE = "Drop points on a landscape, and know before they move where they will go, how fast, and when they will not."
