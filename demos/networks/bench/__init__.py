"""What panels of the page of neural networks share."""
