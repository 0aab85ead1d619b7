"""Sweeps: run a demo for many configs, in local processes, on any executor, or on a cluster.

sweeping    `sweep`, the public function
points      the configs
work        one run, and what of it goes into the table
mapping     the runs on an executor, in the order in which they end
processes   the pool of local processes
table       the data frame, and its file
"""

from demos.sweeps.sweeping import sweep

__all__ = ["sweep"]
