"""Early stopping: least squares on noisy examples, where the lowest training loss is not the lowest risk."""
