"""SciPy's integrators BDF, LSODA and Radau as adaptive methods, for reference solutions."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from math import isfinite

import numpy as np
import scipy.integrate
import torch
from scipy.sparse import csc_matrix
from torch import Tensor

from demos.gradient_flow.control import no_step
from demos.gradient_flow.derivatives import NoGraphError
from demos.gradient_flow.method import Method, Order
from demos.gradient_flow.methods.dense import check_small
from demos.gradient_flow.problem import Problem

LOOK = 16  # steps between two looks at the energy


class SciPyStepper:
    """A stepper around one of SciPy's `OdeSolver`s, in float64. The Jacobian is block diagonal, one block a replica."""

    def __init__(self, name: str, problem: Problem, x: Tensor, t0: float, t1: float):
        self._name, self._problem, self._like, self._t1 = name, problem, x, t1
        self._block = x[0].numel()
        check_small(name.lower(), x, "its Jacobian is dense")
        flow = problem.flow
        self._exact = flow.hessian is not None and flow.mobility is None and flow.project is None
        if self._exact:  # LSODA may never compute the Hessian, and accepts a matrix of the wrong size
            try:
                problem.hessian(x, t0)
            except NoGraphError:  # the energy has no autograd graph, although a gradient was given
                self._exact = False
        rest = {"rtol": max(problem.rtol, 3e-14), "atol": problem.atol, "jac": self._jacobian_sparse}
        if name == "LSODA":
            rest |= {"jac": self._jacobian_banded, "lband": self._block - 1, "uband": self._block - 1}
        self._raised: Exception | None = None  # an exception of the flow inside SciPy's step
        self._failed: str | None = None
        start = x.detach().reshape(-1).to("cpu", torch.float64).numpy().copy()
        try:
            with np.errstate(all="ignore"):
                self._solver = getattr(scipy.integrate, name)(self._field, t0, start, t1, **rest)
        except ValueError as refusal:  # SciPy cannot choose the first step if the gradient is not finite
            self._refused(refusal)
        self.t, self.x, self.rejected, self._taken = t0, x, 0, 0

    def _state(self, flat: np.ndarray) -> Tensor:
        """The flat numbers as a state (N, ...), retracted onto the constraint set."""
        x = torch.from_numpy(flat.copy())
        if x.dtype != self._like.dtype or x.device != self._like.device:
            x = x.to(self._like)
        return self._problem.retracted(x.view(self._like.shape))

    def _numbers(self, x: Tensor) -> np.ndarray:
        if x.dtype != torch.float64 or x.device.type != "cpu":
            x = x.to("cpu", torch.float64)
        return x.detach().numpy()

    def _called(self, part: Callable[[Tensor, float], Tensor], x: Tensor, t: float) -> Tensor:
        """`part(x, t)`, a part of the flow. Its exception is stored, because SciPy may catch it. No graph is kept: all
        of this runs inside `solve`."""
        try:
            return part(x, t)
        except Exception as error:
            self._raised = error
            raise

    def _field(self, t: float, flat: np.ndarray) -> np.ndarray:
        return -self._numbers(self._called(self._problem.preconditioned_gradient, self._state(flat), t).reshape(-1))

    def _blocks(self, t: float, flat: np.ndarray) -> np.ndarray:
        """(N, D, D): ∂ẋᵢ/∂xⱼ of each replica, from the Hessian, or by finite differences of all replicas at once."""
        if self._exact:
            return -self._numbers(self._called(self._problem.hessian, self._state(flat), t))
        x = torch.from_numpy(np.array(flat)).reshape(len(self._like), self._block)
        base, columns = self._field(t, flat).reshape(x.shape), []
        sizes = torch.finfo(self._like.dtype).eps ** 0.5 * (1 + x.abs())
        for j in range(self._block):
            moved = x.clone()
            moved[:, j] += sizes[:, j]
            change = self._field(t, moved.reshape(-1).numpy()).reshape(x.shape) - base
            columns.append(change / sizes[:, j : j + 1].numpy())
        return np.stack(columns, axis=2)

    def _jacobian_sparse(self, t: float, flat: np.ndarray) -> csc_matrix:
        blocks, size = self._blocks(t, flat), self._block
        rows = np.arange(len(blocks) * size).reshape(-1, size)
        index = np.repeat(rows[:, None, :], size, axis=1).reshape(-1)  # row indices, column by column
        return csc_matrix((blocks.transpose(0, 2, 1).reshape(-1), index, np.arange(0, len(index) + 1, size)))

    def _jacobian_banded(self, t: float, flat: np.ndarray) -> np.ndarray:
        """The Jacobian in LSODA's banded format: ∂ẋᵢ/∂xⱼ in row i − j + uband, column j."""
        blocks, size = self._blocks(t, flat), self._block
        packed = np.zeros((2 * size - 1, len(flat)))
        for i in range(size):
            for j in range(size):
                packed[i - j + size - 1, j::size] = blocks[:, i, j]
        return packed

    def _refused(self, error: Exception) -> None:
        """Raise an exception of the flow again; store one of SciPy as the reason why the run ends."""
        if self._raised is not None:
            raise self._raised
        self._failed = str(error).rstrip(".")

    def _failure(self, message: str | None) -> str | None:
        """The reason why no step was taken, even if SciPy reports none; None if a step was taken."""
        if message is not None:  # LSODA gives its reason only as a warning
            return "LSODA found no step that keeps the tolerance" if self._name == "LSODA" else message.rstrip(".")
        if not (np.isfinite(self._solver.y).all() and isfinite(self._solver.t)):
            return "a step gave no finite numbers"
        return "the step size fell to rounding" if self._solver.t == self.t else None

    def advance(self) -> str | None:
        if self._failed is None:
            try:
                with np.errstate(all="ignore"):
                    self._failed = self._failure(self._solver.step())
            except (ValueError, RuntimeError, np.linalg.LinAlgError) as error:
                self._refused(error)
        if self._failed is not None:  # SciPy's words are about its matrices, even where the flow is not finite
            velocity = self._problem.preconditioned_gradient(self.x, self.t)
            finite = bool(torch.isfinite(velocity).all())
            return f"{self._failed} at t = {self.t:.4g}" if finite else no_step(self.t, velocity)
        with np.errstate(all="ignore"):
            self._dense = self._solver.dense_output()
        self.t = self._t1 if self._solver.status == "finished" else float(self._solver.t)
        self.x = self._state(self._solver.y)
        self._taken += 1
        if self._taken % LOOK == 0 and self._outside():
            self._failed = "the energy is not finite"
            return f"{self._failed} at t = {self.t:.4g}"
        return None

    def _outside(self) -> bool:
        """Whether a replica is where the energy is not finite. With a gradient of 0 there, an integrator goes back and
        forth over the edge in millions of steps."""
        flow = self._problem.flow
        if flow.energy is None or flow.noise_level is not None:  # −log p may be infinite for an exact result
            return False
        return not bool(torch.isfinite(self._problem.energy(self.x, self.t)).all())

    def at(self, t: float) -> Tensor:
        with np.errstate(all="ignore"):
            return self._state(self._dense(t))


def _row(name: str, label: str, formula: str, order: int, paper: str) -> Method:
    return Method(
        name=name.lower(),
        label=label,
        family="implicit",
        formula=formula,
        paper=paper,
        order=Order(deterministic=order),
        adaptive=partial(SciPyStepper, name),
        holds_values=False,
        evaluations=None,
    )


BDF = _row(
    "BDF",
    "BDF (SciPy)",
    r"\textstyle\sum_{j\le k} \tfrac1j \nabla^j x_{n+1} = -hM\nabla E(x_{n+1})",
    5,
    "Shampine & Reichelt, SIAM J. Sci. Comput. 18 (1997) 1",
)
LSODA = _row(
    "LSODA",
    "LSODA (SciPy)",
    r"\text{Adams or BDF, switched by stiffness}",
    12,
    "Petzold, SIAM J. Sci. Stat. Comput. 4 (1983) 136",
)
RADAU = _row(
    "Radau",
    "Radau IIA (SciPy)",
    r"x' = x - h\textstyle\sum_i b_i M\nabla E(Y_i)",
    5,
    "Hairer & Wanner, Solving ODEs II (1996), §IV.8",
)
