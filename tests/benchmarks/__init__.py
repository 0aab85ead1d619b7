"""Speed beside peers: scripts run by hand, one at a time, never part of pytest. See README.md."""
