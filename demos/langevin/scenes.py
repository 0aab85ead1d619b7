"""Named presets: each makes one point in one sentence, with a claim that a test checks."""

from __future__ import annotations

from demos.contract import Scene
from demos.contract.scene import Try
from demos.langevin.claims import all_of, between, claim, fades, heights, meets_truth, misses_truth, walks_faster
from demos.langevin.config import LangevinConfig

RIGHT = "fraction in the right well"
ACROSS_EULER = "variance across the valley|Euler"
ACROSS_SMOOTH = "variance across the valley|Leimkuhler"

SCENES = (
    Scene(
        "crossing",
        "Crossing the barrier",
        "All start in the left well. By t = 10 one in eight has crossed; in the end half of them belong on the right.",
        LangevinConfig(),
        claim((RIGHT, between(0.10, 0.15))),
        Try(
            "temperature",
            0.4,
            "Raise kT to 0.4",
            "More than a third has crossed by t = 10.",
            claim((RIGHT, between(0.34, 0.5))),
        ),
    ),
    Scene(
        "bias",
        "The step widens one cloud",
        "One valley, one step, one seed: across the valley Euler–Maruyama has 81 % too much variance, the other none.",
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
        claim((ACROSS_EULER, between(1.7, 1.93)), (ACROSS_SMOOTH, meets_truth)),
        Try(
            "step",
            0.2,
            "Drag h to 0.2",
            "Euler–Maruyama's variance across the valley becomes 10 times the right one; the other stays right.",
            claim((ACROSS_EULER, between(8.5, 11.5)), (ACROSS_SMOOTH, meets_truth)),
        ),
        label="Step bias",
    ),
    Scene(
        "mala",
        "Refusals repair the step",
        "The same step as Euler's, but each move is accepted or refused. The variance is right; 19 % are refused.",
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
        claim(
            ("variance across the valley|MALA", meets_truth),
            (ACROSS_EULER, misses_truth),
            ("proposals accepted", between(0.80, 0.82)),
        ),
        Try(
            "step",
            0.2,
            "Drag h to 0.2",
            "Almost half of the moves are refused, and the variance is still right.",
            claim(("variance across the valley|MALA", meets_truth), ("proposals accepted", between(0.45, 0.62))),
        ),
        label="MALA",
    ),
    Scene(
        "escape",
        "How long to cross?",
        "From the bottom of the left well to that of the right: 23 time units on average. Kramers' formula says 19.",
        LangevinConfig(method="heun", temperature=0.35, step=0.02, steps=1_500, escape=True),
        claim(("mean time to reach", between(21.0, 26.0))),
        Try(
            "temperature",
            0.5,
            "Raise kT to 0.5",
            "The wait falls to about 10.",
            claim(("mean time to reach", between(9.0, 11.5))),
        ),
    ),
    Scene(
        "reaction",
        "Step by step to B",
        "From A, the deepest well, one pass leads out, at U = −41, to C; from there one at U = −72 leads on to B.",
        LangevinConfig(
            potential="muller_brown", x0=-0.558, y0=1.442, temperature=30.0, step=1e-4, steps=3_000, particles=1_500
        ),
        all_of(
            heights("muller_brown", -41, -72),
            claim(("fraction in well B", between(0.14, 0.25)), ("fraction in well A", between(0.6, 0.75))),
        ),
        Try(
            "steps",
            300,
            "Stop after 300 steps",
            "Only one in ten has left A so far.",
            claim(("fraction in well A", between(0.86, 0.93))),
        ),
    ),
    Scene(
        "ballistic",
        "Little friction: it swings",
        "It overshoots the bottom again and again: with friction γ = 0.2 the swing fades to 37 % in 10 time units.",
        LangevinConfig(
            potential="harmonic",
            method="baoab",
            temperature=0.2,
            step=0.05,
            friction=0.2,
            x0=-3.0,
            y0=1.2,
            steps=400,
        ),
        all_of(
            fades(0.37, 10.0), claim(("variance across", meets_truth), ("mean along the valley", between(-0.3, -0.1)))
        ),
        Try(
            "friction",
            20.0,
            "Raise γ to 20",
            "The same equation creeps: after 20 time units more than a third of the way is still to go.",
            claim(("mean along the valley", between(-0.85, -0.67))),
        ),
        label="Swinging",
    ),
    Scene(
        "falling",
        "Free energy falls",
        "It falls at least as fast as e^{−2kt}, k the least curvature. From a start along the valley, hardly faster.",
        LangevinConfig(potential="harmonic", temperature=1.0, step=0.02, steps=200, x0=3.03, y0=1.75),
        claim(("over its bound", between(0.8, 1.3))),
        Try(
            "x0",
            -1.0,
            "Start at x = −1",
            "It starts up the steep side now, and falls faster: it stays a quarter below the bound.",
            claim(("over its bound", between(0.6, 0.85))),
        ),
        label="Free energy",
    ),
    Scene(
        "annealing",
        "Cool slowly, end deep",
        "From kT = 1 to 0.2 in 100 time units. Boltzmann leaves 8.5 % in the shallow right well; here 12 % are left.",
        LangevinConfig(
            potential="tilted_double_well",
            start="box",
            schedule="logarithmic",
            temperature=1.0,
            cold=0.2,
            step=0.04,
            steps=2_500,
            law=True,
        ),
        claim((RIGHT, between(0.09, 0.15))),
        Try(
            "steps",
            150,
            "Cool within 150 steps",
            "Quenched: nearly four of ten freeze in the shallower well.",
            claim((RIGHT, between(0.34, 0.44))),
        ),
    ),
    Scene(
        "funnel",
        "No step fits a funnel",
        "15 % belong in the neck, below y = −3. MALA keeps them; Leimkuhler–Matthews throws nearly all of them out.",
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
        claim(
            ("neck|MALA", meets_truth), ("neck|Leimkuhler", between(0.0, 0.03)), ("ran away|Leimkuhler", misses_truth)
        ),
        Try(
            "step",
            0.02,
            "Drag h down to 0.02",
            "Leimkuhler–Matthews keeps most of the neck, but still loses part of it.",
            claim(("neck|Leimkuhler", between(0.03, 0.15))),
        ),
    ),
    Scene(
        "too_large",
        "Too large a step",
        "Beyond |x| = √(1 + 1/(2h)) = 1.87 a step overshoots farther than it came. 28 % are lost by t = 40.",
        LangevinConfig(method="euler", step=0.2, temperature=0.25, steps=200, particles=4_000),
        claim(("particles lost", between(0.24, 0.32))),
        Try(
            "step",
            0.15,
            "Drag h down to 0.15",
            "Fewer than 1 % are lost.",
            claim(("particles lost", between(0.0, 0.01))),
        ),
        label="Too large a step",
    ),
    Scene(
        "leaps",
        "Leaps cost gradients",
        "99.7 % of the leaps are accepted, but each costs 12 gradients: a plain walk changes wells 2.5 times as often.",
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
        all_of(
            claim(("proposals accepted", between(0.996, 0.998)), ("large well|Hamiltonian", meets_truth)),
            walks_faster(2.3, 2.7),
        ),
        Try(
            "step",
            0.5,
            "Raise h to 0.5",
            "Fewer leaps are accepted: 87 %.",
            claim(("proposals accepted", between(0.85, 0.885))),
        ),
        label="Leaps",
    ),
    Scene(
        "formula",
        "Your own formula",
        "Here a ring with a tilt: two wells, and by t = 8 one in five has gone around from well B to well A.",
        LangevinConfig(
            potential="formula",
            formula="(x**2 + y**2 - 2)**2/2 + x*y/2",
            temperature=0.2,
            step=0.01,
            steps=800,
            x0=1.0,
            y0=0.5,
        ),
        claim(("fraction in well A", between(0.16, 0.24))),
        Try(
            "temperature",
            0.1,
            "Lower kT to 0.1",
            "Only one in ten gets around.",
            claim(("fraction in well A", between(0.08, 0.13))),
        ),
        label="Your formula",
    ),
)
