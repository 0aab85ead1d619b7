"""Named presets: each teaches one thing in one sentence, with a claim that a test verifies."""

from __future__ import annotations

from demos.contract import Scene
from demos.contract.scene import Try
from demos.descent.checks_implicit import RISES
from demos.descent.claims import between, both, differs, ended, fate, rests, row, steps, wanders
from demos.descent.config import DescentConfig

GD, HB = "Gradient descent", "Heavy ball"
FACTOR = "factor a step"
LARGEST = "largest distance from the exact flow"
VALLEY = {"x0": -8.0, "y0": 5.0}


def _config(surface: str, methods: tuple[str, ...], **values) -> DescentConfig:
    """A config as if a person had chosen the landscape, which sets start and rates, and then changed other settings."""
    config, refused = DescentConfig.read({"surface": surface})
    assert not refused
    return config.replace(methods=methods, **values)


SCENES = (
    Scene(
        "predict",
        "Curvature predicts how many steps it takes",
        "From the curvature, before the run: a factor of 0.743 a step, so 31 steps for gradient descent. It takes 29.",
        DescentConfig(),
        both(
            fate(GD, predicted="converges", judged="right"),
            steps(GD, 25, 35),
            row(f"{FACTOR}|{GD}", between(0.74, 0.746)),
        ),
        Try(
            "lr_euler",
            0.024,
            "Raise the rate to 0.024",
            "Almost twice the curvature allows less than 2/L = 0.0243: gradient descent now jumps from side to side.",
            fate(GD, measured="oscillates"),
        ),
    ),
    Scene(
        "too_large",
        "Past the limit 2/L gradient descent leaves",
        "At rate 2.05 and largest curvature 1 each step multiplies the steep part by −1.05: it must leave, and does.",
        _config("quadratic", ("euler",), lr_euler=2.05, steps=60),
        both(fate(GD, predicted="diverges", judged="right"), row(FACTOR, between(1.03, 1.06))),
        Try(
            "lr_euler",
            1.9,
            "Lower the rate to 1.9",
            "Below 2/L it comes back: the steep part changes sign every step and shrinks by 0.9.",
            both(fate(GD, predicted="converges"), row(FACTOR, between(0.9, 0.93))),
        ),
        label="2/L",
    ),
    Scene(
        "momentum",
        "Momentum makes the path oscillate",
        "Gradient descent glides in without a swing; heavy ball with β = 0.9 crosses the valley again and again.",
        _config("quadratic", ("euler", "heavy_ball"), steps=200),
        both(fate(GD, measured="converges", judged="right"), fate(HB, measured="oscillates", judged="right")),
        Try(
            "momentum",
            0.4,
            "Lower β to 0.4",
            "Along the valley nothing swings any more: the roots are real, the factor a step is 0.93.",
            both(fate(HB, predicted="converges"), row(f"{FACTOR}|{HB}", between(0.92, 0.945))),
        ),
        label="Swings",
    ),
    Scene(
        "best_momentum",
        "With the best momentum √κ times fewer steps",
        "κ = 25, each at its best rate: gradient descent needs 75 steps, heavy ball 25 — about √κ times fewer.",
        _config(
            "quadratic",
            ("euler", "heavy_ball"),
            lr_euler=1.923,
            lr_heavy_ball=2.778,
            momentum=0.444,
            steps=120,
            clock="steps",
        ),  # fmt: skip
        both(steps(GD, 74, 76), steps(HB, 24, 26)),
        Try(
            "momentum",
            0.2,
            "Lower β to 0.2",
            "The rate 2.778 is now beyond 2(1 + β)/L = 2.4: each step grows by 1.44, and heavy ball leaves.",
            both(fate(HB, predicted="diverges", judged="right"), row(f"{FACTOR}|{HB}", between(1.43, 1.45))),
        ),
        label="Best β",
    ),
    Scene(
        "order",
        "Gradient descent is not the flow itself",
        "At rate 0.004 the path is up to 0.20 from the exact flow at the same t, as backward error analysis predicts.",
        _config("himmelblau", ("euler",), lr_euler=0.004, steps=200, beside="distance"),
        both(row(LARGEST, between(0.1, 0.25)), row(LARGEST, lambda check: not check.meets_truth)),
        Try(
            "lr_euler",
            0.002,
            "Halve the rate to 0.002",
            "The distance halves, too: gradient descent is the flow's method of order 1.",
            row(LARGEST, between(0.05, 0.11)),
        ),
    ),
    Scene(
        "valley",
        "A curved valley makes gradient descent slow",
        "Rosenbrock's wall allows a rate of 0.002; the floor, 2,500 times flatter, then takes thousands of steps.",
        _config("rosenbrock", ("euler", "newton"), clock="steps", steps=600, lr_newton=0.05),
        both(fate("Newton flow", measured="converges"), fate(GD, judged="too early to tell")),
        Try(
            "lr_euler",
            0.0025,
            "Raise gradient descent's rate to 0.0025",
            "Beyond the wall's limit 0.002 it never settles: it is thrown from side to side.",
            fate(GD, predicted="diverges", judged="right"),
        ),
    ),
    Scene(
        "saddle",
        "Beside a saddle the flow waits",
        "From 0.02 beside the ridge the flow waits, then leaves as e²ᵗ; heavy ball leaves the picture first.",
        _config("saddle", ("euler", "heavy_ball")),
        both(fate(HB, measured="diverges"), row(f"{LARGEST}|{GD}", lambda check: True)),
        Try(
            "y0",
            0.0,
            "Put the start on the ridge: y = 0",
            "Nothing pushes it off: gradient descent ends at the saddle itself, where the gradient is 0.",
            both(fate(GD, measured="not there yet"), ended(GD, 0.0, 0.0, 0.01)),
        ),
    ),
    Scene(
        "flat_sharp",
        "Too fast for the sharp well",
        "It starts in the sharp well. The rate 0.06 is above 2/40, so it cannot stay: it ends in the flat one.",
        _config("flat_sharp", ("euler",), lr_euler=0.06, x0=-0.75, y0=0.8, steps=200),
        both(fate(GD, predicted="diverges", measured="converges", judged="right"), ended(GD, 0.6, 0.0, 0.02)),
        Try(
            "lr_euler",
            0.04,
            "Lower the rate to 0.04",
            "Below 2/40 the sharp well holds it.",
            both(fate(GD, judged="right"), ended(GD, -0.6, 0.0, 0.02)),
        ),
        label="Sharp",
    ),
    Scene(
        "cone",
        "At the tip of a cone no fixed step settles",
        "Ackley's minimum is a kink, without curvature: no prediction is made, and the methods jump across it.",
        _config("ackley", ("euler", "normalized_descent", "adam"), clock="steps", steps=400),
        both(fate(GD, predicted="no prediction"), wanders(GD, 1e-4), wanders("Normalized descent", 1e-4)),
        Try(
            "lr_euler",
            0.001,
            "Lower gradient descent's rate to 0.001",
            "It still never rests, but its jumps across the tip are 13 times shorter.",
            both(wanders(GD, 1e-4), rests(GD, 0.005)),
        ),
    ),
    Scene(
        "newton",
        "Newton's flow may climb",
        "Newton's flow lowers the gradient, not the energy: from here it climbs to the top and stays there.",
        _config("himmelblau", ("newton", "euler"), x0=-0.8, y0=-1.2, clock="steps", steps=120, lr_euler=0.005),
        both(ended("Newton flow", -0.2708, -0.9230, 0.01), fate(GD, measured="converges")),
        Try(
            "x0",
            2.5,
            "Move the start to x = 2.5",
            "Here the energy is convex around the path, and Newton's flow does end in a minimum.",
            both(fate("Newton flow", predicted="converges", judged="right"), ended("Newton flow", 3.584, -1.848, 0.02)),
        ),
    ),
    Scene(
        "signs",
        "Steps of one length never come to rest",
        "Normalized descent and Lion move by the rate whatever the slope: they reach the bottom and never rest there.",
        _config(
            "quadratic", ("normalized_descent", "lion", "adam"), clock="steps", steps=300, condition=4.0, lr_adam=0.2
        ),
        both(
            fate("Normalized descent", measured="does not settle", judged="right"),
            fate("Lion", measured="does not settle", judged="right"),
            wanders("Normalized descent", 0.1999),
        ),
        Try(
            "lr_normalized_descent",
            0.1,
            "Halve normalized descent's rate to 0.1",
            "Its moves are 0.1 long now, to the last one: the rate is a length.",
            both(wanders("Normalized descent", 0.0999), rests("Normalized descent", 0.1001)),
        ),
    ),
    Scene(
        "basins",
        "Basins with exact borders",
        "144 starts. A quarter of the square, 26.6 % of it, belongs to the lowest minimum; the flow brings 25 % there.",
        _config("styblinski_tang", ("euler",), start="grid", count=12, steps=100, ground="flow"),
        both(
            row("starts that flow to the minimum of their basin", lambda check: check.measured == check.truth),
            row("share of starts that flow to lowest", between(0.24, 0.29)),
        ),
        Try(
            "lr_euler",
            0.05,
            "Raise the rate to 0.05",
            "On steep ground it is beyond the limit: the first start cannot be told. It overshoots, and comes back.",
            fate(GD, predicted="no prediction", measured="oscillates"),
        ),
    ),
    Scene(
        "basins_of_a_rate",
        "A method has basins of its own",
        "The background shows where heavy ball ends, the dashed lines are the flow's borders: 30 % of it differ.",
        _config("himmelblau", ("heavy_ball",), x0=1.0, y0=-1.5, steps=300, ground="method"),
        differs(0.25, 0.35),
        Try(
            "momentum",
            0.5,
            "Lower β to 0.5",
            "With less momentum it follows the flow more closely: 9 % of the view differ.",
            differs(0.05, 0.14),
        ),
        label="Of a rate",
    ),
    Scene(
        "implicit",
        "An implicit step may be as long as you like",
        "Implicit Euler takes 40 steps at 50 times the limit 2/L and cannot overshoot: the energy falls each time.",
        _config(
            "rosenbrock", ("implicit_euler", "euler"), lr_implicit_euler=0.1, lr_euler=1e-3, steps=40, clock="steps"
        ),
        both(
            fate("Implicit Euler", measured="not there yet"),
            row(f"{RISES}|Implicit Euler", lambda c: c.measured == 0),
        ),
        Try(
            "lr_implicit_euler",
            1.0,
            "Raise its rate to 1: 500 times the limit",
            "It arrives in 16 steps. Each of them is a small minimization of its own, which is what it costs.",
            both(fate("Implicit Euler", predicted="converges", judged="right"), steps("Implicit Euler", 14, 18)),
        ),
    ),
    Scene(
        "own",
        "Your own formula",
        "Type any E(x, y): curvatures, limits and predictions are taken from it, and the verdict is as strict.",
        _config("formula", ("euler", "heavy_ball")),
        both(fate(GD, judged="right"), fate(HB, judged="right")),
        Try(
            "momentum",
            0.5,
            "Lower β to 0.5",
            "Heavy ball no longer swings and arrives in 37 steps instead of 96.",
            both(fate(HB, predicted="converges", judged="right"), steps(HB, 35, 45)),
        ),
    ),
)
