"""The end of the code that a page shows: the demo itself, run for this config, with its checks."""

from __future__ import annotations

from demos.contract.config import Config

RUN = """result = run(config)  # the picture of the page, with its verdict
print(result.verdict.headline)
for row in result.verdict.rows:
    print(row.name, row.measured, row.truth, row.predicted, row.state)
"""


def arguments_of(config: Config) -> str:
    """The keyword arguments that make this config: those that differ from the defaults."""
    return ", ".join(f"{name}={value!r}" for name, value in config.changed().items())
