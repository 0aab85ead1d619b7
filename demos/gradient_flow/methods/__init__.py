"""METHODS: the table of methods, read by menus, tests and documentation. A new method is a function and a row."""

import difflib

from demos.gradient_flow.method import Method
from demos.gradient_flow.methods import (
    diffusion_multistep,
    diffusion_samplers,
    etdrk2,
    explicit,
    fire,
    implicit,
    lbfgs,
    metropolis,
    momentum,
    newton,
    normalized,
    rescaled,
    rosenbrock,
    runge_kutta,
    scipy_flows,
    semi_implicit,
    splitting,
    stabilized,
)

METHODS: dict[str, Method] = {
    method.name: method
    for method in (
        explicit.EULER,
        explicit.HEUN,
        runge_kutta.RK4,
        runge_kutta.DOPRI5,
        stabilized.RKC_METHOD,
        rosenbrock.RODAS3,
        implicit.IMPLICIT_EULER,
        scipy_flows.BDF,
        scipy_flows.LSODA,
        scipy_flows.RADAU,
        etdrk2.ETDRK2,
        etdrk2.ETDRK2_ADAPTIVE,
        semi_implicit.SEMI_IMPLICIT,
        normalized.NORMALIZED,
        explicit.LEIMKUHLER_MATTHEWS,
        metropolis.MALA,
        metropolis.HMC,
        momentum.HEAVY_BALL,
        momentum.NESTEROV,
        momentum.ADAM,
        momentum.RMSPROP,
        rescaled.ADAGRAD,
        rescaled.ADAMW,
        rescaled.LION,
        rescaled.NORMALIZED_DESCENT,
        newton.NEWTON,
        fire.FIRE,
        lbfgs.LBFGS,
        splitting.BAOAB,
        splitting.ABOBA,
        splitting.OBABO,
        splitting.LFMIDDLE,
        diffusion_samplers.ANCESTRAL,
        diffusion_samplers.EDM_HEUN,
        diffusion_samplers.PREDICTOR_CORRECTOR,
        diffusion_multistep.DPM_SOLVER_2M,
    )
}


def method_called(name: str) -> Method:
    """The method of that name, or that of a splitting word over V, R, O. Raises ValueError if there is none."""
    if name in METHODS:
        return METHODS[name]
    if name and set(name) <= set("VRO"):
        return splitting.splitting(name)
    near = difflib.get_close_matches(name, METHODS, n=1)
    suggestion = f" Did you mean {near[0]}?" if near else ""
    raise ValueError(
        f"method = {name!r} is unknown; known are {', '.join(METHODS)}, words over V, R, O, and a Method.{suggestion}"
    )
