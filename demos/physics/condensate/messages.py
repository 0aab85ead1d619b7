"""Notes and warnings of a run of the condensate."""

from __future__ import annotations

import numpy as np

from demos.common.numbers import counted
from demos.physics.condensate.config import CondensateConfig
from demos.physics.condensate.observables import angular_momentum
from demos.physics.condensate.reference import first_vortex_rotation
from demos.physics.condensate.simulate import CondensateRun

NEAR = 0.05  # ‖Hφ − μφ‖ near rest: a tenth of the lowest excitation of these traps


def notes(config: CondensateConfig, run: CondensateRun) -> list[str]:
    if not run.finite:
        return []
    condensate, steps = run.condensate, run.path.steps
    if not config.multiplier:
        found = [f"This is a run of {counted(steps, 'step')} without the multiplier."]
    elif run.converged:
        found = [f"At rest after {counted(steps, 'step')}: no component of Hφ − μφ exceeds 1e-9."]
    else:
        found = [f"Still settling after {counted(steps, 'step')}: ‖Hφ − μφ‖ = {run.residual:.1e}; {_fall(run)}."]
    mu = float(run.chemical_potentials[-1])
    cloud = f"; Thomas–Fermi, without kinetic energy, has μ = {condensate.thomas_fermi:.4g}"
    known = condensate.beta > 0 and condensate.trap == "harmonic"
    found.append(f"E = {run.energies[-1]:.8g}, μ = {mu:.8g}{cloud if known else ''}.")
    return [*found, _vortex_note(config, run)] if condensate.is_complex else found


def _fall(run: CondensateRun) -> str:
    """A clause on how far E may still fall. Near a stationary state it is ‖Hφ − μφ‖² over the gap, at least ½ here.
    While vortices rearrange, ‖Hφ − μφ‖ is small and does not bound the remaining fall."""
    if not run.condensate.is_complex and run.residual < NEAR:
        return "E is right to about its square"
    steps, energies = run.steps, run.energies
    back = max(int(np.searchsorted(steps, steps[-1] - 100, side="right")) - 1, 0)
    return f"E fell by {energies[back] - energies[-1]:.2g} in the last {steps[-1] - steps[back]:,} of them"


def _vortex_note(config: CondensateConfig, run: CondensateRun) -> str:
    _, charges = run.vortices[-1]
    up, down = int((charges > 0).sum()), int((charges < 0).sum())
    if not up + down:
        pays = first_vortex_rotation(run.condensate.beta)
        return f"No vortex: one pays from Ω = {pays:.3g} on." if pays < 1 - 1e-6 else "No vortex: none pays."
    momentum = float(angular_momentum(run.condensate, run.end))
    rigid = run.condensate.rotation * float(run.condensate.width_rms(run.end)) ** 2
    other = f", {down} of the other sign" if down else ", all of one sign"
    return (
        f"{up} {'vortices' if up != 1 else 'vortex'}{other if up > 1 or down else ''}; angular momentum "
        f"{momentum:.3g} ħ a particle, {momentum / rigid:.1%} of a rigid body's."
    )


def warnings(config: CondensateConfig, run: CondensateRun) -> list[str]:
    if not run.finite:
        return [f"The flow ran away: {run.path.status}."]
    if config.multiplier:
        return []
    mu = float(run.chemical_potentials[-1])
    exact = next((r.value for r in run.condensate.system().references if r.name == "chemical potential"), None)
    words = f", {mu - exact:+.2g} from the exact {exact:.8g}" if exact is not None else ""
    return [
        f"Without μφ in the step the flow rests elsewhere, at ‖Hφ − μφ‖ = {run.residual:.1e}: μ = {mu:.7g}"
        f"{words}; another step size gives another state."
    ]
