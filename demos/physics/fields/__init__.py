"""Fields as gradient flows: phase separation, condensates, spins, films and a network that learns a field."""
