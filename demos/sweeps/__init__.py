"""Sweeps: a demo's `run` over many configs, on the processes here, on any executor, or on a cluster.

sweep       the one function
points      which configs
work        what one run leaves in the table
mapping     runs over an executor, as they end
processes   the processes here
table       the frame, and its file
"""

from demos.sweeps.sweeping import sweep

__all__ = ["sweep"]
