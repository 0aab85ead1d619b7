"""Edge of stability: full-batch gradient descent of a small network, whose sharpness rises to 2/lr and stays there."""
