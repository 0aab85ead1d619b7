"""Checks of a method that integrates the flow: energy balance and stability, with notes on what went wrong."""

from __future__ import annotations

import math
from dataclasses import replace
from math import log
from typing import Any

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from demos.common.numbers import number
from demos.contract import Check
from demos.gradient_flow import METHODS, solve
from demos.physics.bench.config import method_label
from demos.physics.bench.dissipation import EnergyBalance
from demos.physics.bench.endpoint import Endpoint, typographic_minus
from demos.physics.bench.method_run import MethodRun
from demos.physics.bench.quench import quench
from demos.physics.bench.step_loss import work_done
from demos.physics.bench.system import System

IDENTITY = 1e-3  # error of the integral along the path, as a share of the energy that fell
ROUNDING = 1e-13  # relative rounding error of the energy
UNSEEN = 0.1  # largest error of the work, as a share of the energy that fell, at which the two are compared
FAR, STRETCHES = 10.0, 80  # the factor by which `apart_check` stretches a state, and the number of steps
SHAKE = 1e-6  # size of the displacement from a minimum whose growth is measured
CLOCK = "energy lost but not dissipated"


def clock_check(
    share: float,
    *,
    floor: float = IDENTITY,
    predicted: float | None = None,
    error: float = 0.0,
    by: str = "",
    **rest: Any,
) -> Check:
    """The row of the residual of the energy balance, in per cent of the energy that fell; zero for the exact flow.

    share: the residual. predicted, error: the residual that this method must have at this step, and its uncertainty.
    rest: other fields of `Check`.
    """
    return Check(
        CLOCK,
        100 * share if math.isfinite(share) else math.inf,  # inf instead of nan, so that equal rows compare equal
        0.0,
        floor=100 * floor,
        unit="% of the fall",
        source="E(0) − E(t) = ∫⟨∇E, M∇E⟩ dt",
        note="zero on the true flow: what is missing is the method's own error",
        predicted=None if predicted is None else 100 * predicted,
        predicted_error=100 * error,
        predicted_by=by,
        **rest,
    )


def identity_check(balance: EnergyBalance, floor: float = IDENTITY) -> Check:
    """`clock_check` of the replica with the largest residual at the end of the path."""
    last = balance.residual[-1]
    return clock_check(float(last[np.abs(last).argmax()]), floor=floor)


def flow_checks(run: MethodRun) -> list[Check]:
    """Rows on the energy of a run: for a method of the flow the residual of the energy balance, which is 0 or predicted
    from the step; for implicit Euler also the inequality of minimizing movements; for an optimizer, which has no time,
    that the energy falls by the work of the forces."""
    if run.balance is None:
        return [work_check(run.system, run.finite_states, run.status.message if run.status.diverged else "")]
    checks = [_clock_row(run)]
    if run.method == "implicit_euler" and not run.status.diverged:
        checks.append(_minimizing_movement(run))
    return checks


def apart_check(system: System, state: Tensor) -> Check:
    """`work_check` for a state (*shape) without a run that leads to it: on the path that stretches it uniformly."""
    found = work_check(system, state * torch.linspace(0, log(FAR), STRETCHES, dtype=state.dtype).exp()[:, None, None])
    return replace(
        found,
        unit="% of it",
        source="E(far apart) − E = ∫∇E·dx while all distances grow alike",
        note="the energy and the forces belong together",
    )


def work_check(system: System, states: Tensor, diverged: str = "") -> Check:
    """The row of the energy that fell minus the work of the forces along a path of states (F, *shape), in per cent."""
    fallen, work, error = 0.0, 0.0, 0.0
    if len(states) > 1:
        first, last = system.energy(states[[0, -1]]).tolist()
        fallen = first - last
        work, error = work_done(system, states)
    scale = max(abs(fallen), abs(work), 1e-300)
    rounding = ROUNDING * abs(float(system.energy(states[:1])[0])) / scale if len(states) else 0.0
    unseen = not error <= UNSEEN * scale
    return Check(
        "energy that the forces do not explain",
        100 * (fallen - work) / scale if math.isfinite(fallen - work) else math.inf,
        0.0,
        floor=100 * (IDENTITY + min(error / scale + rounding, 1.0)),
        unit="% of the fall",
        source="E(0) − E(end) = −∫∇E·dx along the path",
        note="zero whatever the path: an optimizer has no clock",
        incomparable=diverged or ("its steps jump over the walls of pairs" if unseen else ""),
    )


def _clock_row(run: MethodRun) -> Check:
    assert run.balance is not None
    if run.status.diverged:
        return clock_check(math.inf, incomparable=run.status.message)
    fallen, energy = float(run.balance.fallen[-1, 0]), float(run.balance.energies[0, 0])
    floor = IDENTITY + (ROUNDING * abs(energy / fallen) if fallen and not run.balance.stands[-1, 0] else 0.0)
    if run.loss is not None:
        loss = run.loss
        unseen = not loss.error <= UNSEEN
        return clock_check(
            loss.measured,
            floor=floor + min(UNSEEN, loss.error) if loss.error >= 0 else floor,
            predicted=loss.predicted,
            by="this step",
            incomparable="its steps jump over the walls of pairs, and the way between is not known" if unseen else "",
        )
    share, rise = float(run.balance.residual[-1, 0]), _rise(run)
    if rise:
        return clock_check(share, floor=floor, incomparable=f"the energy rose by {number(rise, digits=2)} on the way")
    allowed = abs(share * fallen) <= run.tolerated
    return clock_check(share, floor=floor, explained="by no more than its tolerance allows" if allowed else "")


def flow_notes(run: MethodRun) -> list[str]:
    """A note on the residual of the energy balance and its cause; none where the balance holds."""
    if run.balance is None or run.status.diverged:
        return []
    share, adapts = float(run.balance.residual[-1, 0]), METHODS[run.method].adaptive is not None
    if abs(share) <= IDENTITY:
        return []
    if not adapts:
        why = f"steps of {run.step:g} are that far from the flow"
    elif _rise(run):
        why = "its steps, at the edge of stability, are that far from the flow"
    else:
        why = "the tolerance allows it; a smaller one mends it"
    if abs(share) > 1:
        fallen, dissipated = float(run.balance.fallen[-1, 0]), float(run.balance.dissipated[-1, 0])
        way = f"{'fell' if fallen >= 0 else 'rose'} by {abs(fallen):.3g}"
        words = f"The dissipation identity fails: E {way}, and ∫|∇E|² dt is {dissipated:.3g}: {why}."
        return [typographic_minus(words)]
    return [f"The energy balance is off by {abs(share):.2%} of the fall: {why}."]


def stability(system: System, run: MethodRun, end: Endpoint) -> tuple[list[Check], list[str]]:
    """For explicit Euler the row of the factor 1 − hL by which each step multiplies an error at the minimum; and
    warnings of an unstable run."""
    label, warnings = method_label(run.method), []
    if run.status.diverged:
        advice = ": take a smaller step" if run.iterates else ""
        warnings.append(f"{label} {run.status.message}{advice}.")
    if run.method != "euler":
        return [], warnings + _rising_energy(run)
    minimum, place = end.state, "where it ended"
    if end.certificate is None or not end.certificate.is_minimum:
        path = quench(system, run.states[:1])
        if path.status.kind != "converged":
            return [], warnings
        minimum, place = path.states[-1, 0], "at the minimum below its start"
    curvature, direction = stiffest(system, minimum)
    if not math.isfinite(curvature):  # of coinciding particles: no minimum, whatever the optimizer says
        return [], warnings
    largest = METHODS["euler"].step_limit(curvature)
    if run.step > largest and not any("stability limit" in words for words in warnings):
        warnings.append(
            f"The step {run.step:g} is {run.step / largest:.3g} × the stability limit 2/L = {largest:.3g} "
            f"(L = {curvature:.4g} {place})."
        )
    return [_growth(system, minimum, direction, 1 - run.step * curvature, run.step)], warnings


def _rising_energy(run: MethodRun) -> list[str]:
    """A warning where the energy rose in a method that controls its step."""
    if run.balance is None or run.status.diverged or METHODS[run.method].adaptive is None:
        return []
    rise = _rise(run)
    if not rise:
        return []
    return [
        f"The energy rose by {rise:.3g} in {method_label(run.method)}'s steps, which no gradient flow does: take "
        "a smaller tolerance."
    ]


def _rise(run: MethodRun) -> float:
    """The largest rise of the energy in a step of a method that controls its step; 0 where it is only rounding."""
    if run.balance is None or METHODS[run.method].adaptive is None:
        return 0.0
    energies = run.balance.energies[:, 0]
    rise = float(np.diff(energies).max(initial=0.0))
    return rise if rise > IDENTITY * float(energies[0] - energies.min()) + ROUNDING * abs(float(energies[0])) else 0.0


def past_limit(run: MethodRun, growth: list[Check]) -> float:
    """The step as a multiple of the stability limit 2/L, if `stability` has found that it is larger; else 0."""
    ratio = (1 - growth[0].truth) / 2 if growth and growth[0].truth is not None else 0.0
    return ratio if ratio > 1 else 0.0


def with_limit(table: pd.DataFrame, run: MethodRun, growth: list[Check]) -> pd.DataFrame:
    """The table "trace" of `run` with a column of the stability limit 2/L, taken from the growth factor 1 − hL."""
    if not growth or len(table) < 2:
        return table
    largest = 2 * run.step / (1 - growth[0].truth)
    known = pd.DataFrame({"series": "exact: 2/L", "x": [table["x"].iloc[1], table["x"].iloc[-1]], "step": largest})
    return pd.concat((table, known), ignore_index=True)


def stiffest(system: System, x: Tensor) -> tuple[float, Tensor]:
    """L, the largest curvature at x (*shape) along the constraint set, and its direction (*shape)."""
    hessian, basis = system.hessian(x[None]), torch.eye(x.numel(), dtype=x.dtype)
    if system.project is not None:
        hessian = system.project.hessian(x[None], system.gradient(x[None]), hessian)
        normals = system.project.normals(x[None])[0]
        basis = torch.linalg.qr(normals.T, mode="complete")[0][:, len(normals) :]
    values, vectors = torch.linalg.eigh(basis.T @ hessian[0] @ basis)
    return float(values[-1]), (basis @ vectors[:, -1]).reshape(x.shape)


def _growth(system: System, minimum: Tensor, direction: Tensor, exact: float, step: float) -> Check:
    """The row of the factor by which one step of the solver multiplies a small displacement from a minimum, along the
    stiffest direction."""
    shake = SHAKE / max(1.0, abs(exact))
    path = solve(system.flow(), (minimum + shake * direction)[None], [0.0, step], "euler", record=2)
    before, after = ((path.states[:, 0] - minimum) * direction).flatten(1).sum(1).tolist()
    return Check(
        "an error's growth in one step",
        after / before,
        exact,
        floor=1e-3 * max(1.0, abs(exact)),
        source="1 − hL at the minimum",
        note="its size above 1 is what instability means",
        about="code",
    )


def _minimizing_movement(run: MethodRun) -> Check:
    """The row of E(x⁺) + |x⁺ − x|²/2h ≤ E(x), which holds for each step of implicit Euler (minimizing movement)."""
    x, h = run.states, run.path.times.diff().numpy()
    energies, moved = run.energies, (x[1:] - x[:-1]).flatten(1).square().sum(1).numpy()
    single = np.isclose(h, run.step, rtol=1e-6)
    excess = (energies[1:] + moved / (2 * h) - energies[:-1])[single]
    return Check(
        "largest E(x⁺) + |x⁺ − x|²/2h − E(x)",
        float(excess.max(initial=-np.inf)),
        0.0,
        floor=1e-9,
        bound="upper",
        source="minimizing movement (De Giorgi)",
        note="every step must pay for its length",
        about="code",
    )
