from demos.physics.bench.energy_recorder import EnergyRecorder as Ledger  # noqa: F401 - old name, until all use the new one
