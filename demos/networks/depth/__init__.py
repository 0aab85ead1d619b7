"""Random networks of any depth: gradients by layer, compared with mean-field theory."""
