"""Studies that the page computes only where they are looked at: escape times, mixing, bias against the step."""
