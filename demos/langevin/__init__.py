"""Langevin dynamics: a potential U, a temperature kT, and the law exp(-U/kT) that every method should reach."""
