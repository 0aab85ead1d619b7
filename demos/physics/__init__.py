"""Physical systems as gradient flows: particles, chains and fields, each compared with known results."""

TITLE = "Energy minimization"
SENTENCE = "Physical systems fall down their energy to rest, each beside its known truth."
