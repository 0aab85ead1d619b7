"""One module a system: from a config to its picture, checks, tables and words."""
