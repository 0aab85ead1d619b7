"""Gradient-flow demos: the science, free of any user interface."""
