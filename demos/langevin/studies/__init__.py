"""Studies that the page computes only when their tab is opened: escape times, mixing, bias against the step."""
