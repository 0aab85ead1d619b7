"""Random networks of any depth: gradients on their way back, beside mean-field theory."""
