"""Physical systems as gradient flows: particles, chains and fields, each beside its known truth."""
