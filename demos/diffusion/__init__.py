"""Score-based diffusion in the plane: exact and learned scores, every sampler through the one solver."""
