"""The table of methods. A new method is one function and one row; menus, order tests and docs read this table."""

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
    normalized,
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
