"""The verdict of a run: its samples compared with true points and with the sampler's prediction, and a headline."""

from __future__ import annotations

from torch import Tensor

from demos.contract import Check
from demos.diffusion.setup import Setup
from demos.diffusion.simulate import Run
from demos.diffusion.verdict.differences import differences
from demos.diffusion.verdict.headline import headline
from demos.diffusion.verdict.lesson import lesson
from demos.diffusion.verdict.run_rows import RunRows
from demos.diffusion.verdict.self_tests import self_tests

__all__ = ["RunRows", "checks", "headline", "judged", "lesson"]


def judged(setup: Setup, runs: list[Run], reference: Tensor) -> list[RunRows]:
    """The runs of a picture, each with `reference`, the true points (N, 2), ready for their checks."""
    return [RunRows(setup, run, reference) for run in runs]


def checks(setup: Setup, found: list[RunRows]) -> tuple[Check, ...]:
    """All rows of the verdict: distances of all samplers, differences between samplers, the other rows of each, and
    the self-tests."""
    tables = [one.rows() for one in found]
    name = lambda one: one.run.label if len(found) > 1 else ""
    first = [rows[0].labelled(name(one)) for one, rows in zip(found, tables, strict=True)]
    rest = [row.labelled(name(one)) for one, rows in zip(found, tables, strict=True) for row in rows[1:]]
    apart = differences(found)
    return (*first, *_of_the_network(setup, found), *apart, *rest, *self_tests(setup, [one.run for one in found]))


def _of_the_network(setup: Setup, found: list[RunRows]) -> list[Check]:
    if setup.config.score == "exact":
        return []
    from demos.diffusion.verdict.network import network_rows  # networks are imported only when needed

    return network_rows(setup, found[0].end)
