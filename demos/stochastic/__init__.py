"""Stochastic gradient flow: what the noise of mini-batches does, each panel beside its closed form."""

TITLE = "Stochastic gradient flow"
SENTENCE = "Descent on mini-batches is a noisy flow: what its noise does, each picture beside its exact distribution."
