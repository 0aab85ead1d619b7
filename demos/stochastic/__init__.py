"""Stochastic gradient flow: effects of the noise of mini-batches, each compared with its closed form."""

TITLE = "Stochastic gradient flow"
SENTENCE = "Descent on mini-batches is a noisy flow: what its noise does, each picture beside its exact distribution."
