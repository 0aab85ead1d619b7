"""Langevin dynamics: a potential U, a temperature kT, and the distribution exp(-U/kT) that a method should reach."""

TITLE = "Langevin dynamics"
SENTENCE = "Each particle rolls downhill while heat kicks it at random; in time the cloud is Boltzmann's distribution."
