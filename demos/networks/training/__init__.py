"""A network that trains while it is watched: its function, its steps and its gradients, and the doctor's findings."""
