"""Langevin dynamics: a potential U, a temperature kT, and the law exp(-U/kT) that every method should reach."""

TITLE = "Langevin dynamics"
SENTENCE = "Particles fall downhill and are shaken by heat; their cloud becomes Boltzmann's law."
