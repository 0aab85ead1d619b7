"""All landscapes as one parameter of a test, one as a newcomer writes it among them; and points to try them at."""

from __future__ import annotations

import pytest
import torch

from demos.landscapes import LANDSCAPES, Landscape, maximum, minimum, saddle


def himmelblau_energy(x: torch.Tensor, t: float = 0.0) -> torch.Tensor:
    u, v = x.unbind(-1)
    return ((u * u + v - 11) ** 2 + (u + v * v - 7) ** 2) / 20


# What a newcomer writes: an energy, and what `demos.landscapes` asks for. (Himmelblau, Applied Nonlinear Programming
# (1972); the positions to two digits.)
HIMMELBLAU = Landscape(
    name="himmelblau",
    title="Himmelblau's function",
    sentence="Four wells of equal depth.",
    formula=r"[(x^2+y-11)^2+(x+y^2-7)^2]/20",
    energy=himmelblau_energy,
    view=((-5.0, 5.0), (-5.0, 5.0)),
    box=((-9.0, 9.0), (-9.0, 9.0)),
    kT=1.0,
    kT_range=(0.5, 3.0),
    approximate_points=(
        minimum("A", 3.0, 2.0),
        minimum("B", -2.81, 3.13),
        minimum("C", -3.78, -3.28),
        minimum("D", 3.58, -1.85),
        saddle("A | B", 0.09, 2.88, "A", "B"),
        saddle("B | C", -3.07, -0.08, "B", "C"),
        saddle("C | D", -0.13, -1.95, "C", "D"),
        saddle("A | D", 3.39, 0.07, "A", "D"),
        maximum("hilltop", -0.27, -0.92),
    ),
)
ALL = LANDSCAPES | {"himmelblau": HIMMELBLAU}
every = pytest.mark.parametrize("landscape", ALL.values(), ids=ALL)


def within(box, count: int, seed: int = 0, dtype=torch.float64) -> torch.Tensor:
    """(count, 2) points, uniform in the box, component-major as the solver's are."""
    unit = torch.rand((2, count), generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    low, high = (torch.tensor([side[i] for side in box], dtype=torch.float64)[:, None] for i in (0, 1))
    return (low + (high - low) * unit).to(dtype).T


def assert_close(found: torch.Tensor, exact: torch.Tensor, relative: float) -> None:
    """Relative to each point's own size, and to a part in 10⁶ of the largest where a point's is nearly zero."""
    size = exact.flatten(1).norm(dim=1)
    error = (found - exact).flatten(1).norm(dim=1)
    assert (error <= relative * (size + 1e-6 * size.max())).all(), float((error / size).max())
