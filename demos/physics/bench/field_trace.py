from demos.physics.bench.trace import field_trace  # noqa: F401 - old name, until all systems use the new one
