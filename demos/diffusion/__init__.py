"""Score-based diffusion in the plane: exact and learned scores, every sampler through the one solver."""

TITLE = "Score-based diffusion"
SENTENCE = "Noise becomes data by rolling down −log p_σ while the noise level σ falls."
