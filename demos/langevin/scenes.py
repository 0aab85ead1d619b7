"""Named presets: each teaches one thing in one sentence."""

from __future__ import annotations

from demos.contract import Scene
from demos.langevin.config import LangevinConfig

SCENES = (
    Scene(
        "crossing",
        "Crossings",
        "All particles start in the left well; one by one they cross, and the exact law of every moment runs along.",
        LangevinConfig(),
    ),
    Scene(
        "bias",
        "Euler's bias",
        "One step size, one seed: Euler–Maruyama spreads too wide across the valley, Leimkuhler–Matthews does not.",
        LangevinConfig(
            potential="harmonic",
            method="euler",
            compare=("leimkuhler_matthews",),
            step=0.1,
            temperature=1.0,
            start="equilibrium",
            x0=0.0,
            particles=4_000,
            steps=300,
        ),
    ),
    Scene(
        "mala",
        "MALA",
        "The same step, but each move is accepted or refused: the bias is gone, and the price is the refused moves.",
        LangevinConfig(
            potential="harmonic",
            method="mala",
            compare=("euler",),
            step=0.1,
            temperature=1.0,
            start="equilibrium",
            x0=0.0,
            particles=4_000,
            steps=300,
        ),
    ),
    Scene(
        "escape",
        "Escape",
        "How long until a particle finds the other well: measured, exact by quadrature, and Kramers' formula, "
        "17 % short.",
        LangevinConfig(method="heun", temperature=0.35, step=0.02, steps=1_500, escape=True),
    ),
    Scene(
        "reaction",
        "Reaction",
        "From the deepest well of Müller–Brown, the first particles cross by the lower of two passes, along a bent "
        "path.",
        LangevinConfig(
            potential="muller_brown", x0=-0.558, y0=1.442, temperature=30.0, step=1e-4, steps=3_000, particles=1_500
        ),
    ),
    Scene(
        "ballistic",
        "Friction",
        "With little friction the cloud swings through the valley; turn γ up to 20 and the same equation creeps.",
        LangevinConfig(
            potential="harmonic", method="baoab", temperature=0.2, step=0.05, friction=0.2, x0=-3.0, y0=1.2, steps=400
        ),
    ),
    Scene(
        "falling",
        "Free energy",
        "In a convex valley the free energy falls at least as fast as e^(−2mt): down the softest axis just so fast.",
        LangevinConfig(potential="harmonic", temperature=1.0, step=0.02, steps=200, x0=3.03, y0=1.75),
    ),
    Scene(
        "annealing",
        "Annealing",
        "Cooled slowly, most particles end in the deeper well; cooled fast, they freeze where they are.",
        LangevinConfig(
            potential="tilted_double_well",
            start="box",
            schedule="logarithmic",
            temperature=1.0,
            cold=0.08,
            step=0.02,
            steps=1_500,
            law=True,
        ),
    ),
    Scene(
        "funnel",
        "Funnel",
        "No step fits both the mouth and the neck: MALA stays right but sticks in the neck, Leimkuhler–Matthews "
        "leaves it.",
        LangevinConfig(
            potential="funnel",
            method="mala",
            compare=("leimkuhler_matthews",),
            temperature=1.0,
            step=0.2,
            start="equilibrium",
            steps=400,
            x0=0.0,
        ),
    ),
    Scene(
        "too_large",
        "Too large a step",
        "Beyond |x| = √(1 + 1/2h) even a noiseless step overshoots and grows: particles are lost, and the loss is "
        "predicted.",
        LangevinConfig(method="euler", step=0.2, temperature=0.25, steps=200, particles=4_000),
    ),
    Scene(
        "leaps",
        "Leaps",
        "Hamiltonian proposals leap from well to well, but each costs twelve gradients; per gradient the walk mixes "
        "sooner.",
        LangevinConfig(
            potential="three_gaussians",
            method="hmc",
            compare=("leimkuhler_matthews",),
            temperature=1.0,
            step=0.1,
            leapfrog_steps=12,
            start="equilibrium",
            x0=0.0,
            particles=2_000,
            steps=80,
        ),
    ),
    Scene(
        "formula",
        "Formula",
        "Type any energy in x and y: the same checks stand beside it.",
        LangevinConfig(
            potential="formula",
            formula="(x**2 + y**2 - 2)**2/2 + x*y/2",
            temperature=0.2,
            step=0.01,
            steps=800,
            x0=1.0,
            y0=0.5,
        ),
    ),
)
