"""Score-based diffusion models in the plane: exact and learned scores; every sampler is integrated by `solve`."""

TITLE = "Score-based diffusion"
SENTENCE = "Start from random noise and lower the noise level σ: the points slide down −log density and become data."
