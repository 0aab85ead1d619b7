"""What each physical system offers on the page: its methods, starts and controls, and where it begins.

Plain data, so that the config, the page and the runs read the same table. A new system is one row here, one module in
`demos.physics.show`, and its name in `demos.physics.run`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

SEARCHES = {"hopping": "Basin hopping", "starts": "Many random starts", "annealing": "Langevin annealing"}
"""Ways to a ground state that are made of many solves, beside the rows of METHODS."""

COOLED_BY = {"cluster": "baoab", "thomson": "euler"}
"""The method of annealing: with momenta in space, without them on the sphere."""

STARTS = {
    "random": "Random",
    "icosahedron": "Icosahedron",
    "octahedron": "Truncated octahedron",
    "funnels": "Both funnels",
    "given": "Your file",
    "spiral": "Spiral",
    "cylinder": "Cylinder",
    "waist": "Pinched",
    "stable": "Stable catenoid",
    "unstable": "Unstable catenoid",
    "above": "Just above the pass",
    "below": "Just below the pass",
    "spinodal": "Mixture",
    "nucleation": "Small drops",
    "disc": "Disc",
    "two_discs": "Two discs",
    "stripe": "Stripe",
    "star": "Star",
    "drawn": "Your drawing",
    "gaussian": "Gaussian",
    "thomas_fermi": "Thomas–Fermi cloud",
    "vortex": "One vortex",
    "turbulent": "Turbulent",
    "zigzag": "Zigzag",
    "arch": "Arch",
    "nearly straight": "Nearly straight",
    "straight": "Straight",
    "pair": "Vortex and antivortex",
    "crystal": "Eight vortices",
    "twisted": "Twisted",
    "aligned": "Aligned",
}


@dataclass(frozen=True)
class Row:
    """One system. methods and starts: the first of each is the default.

    controls: the fields of the config that belong to this system alone, the important ones first; `main` of them stand
    beside the picture, the rest folded. defaults: what a change to this system sets. steps: a step for each
    fixed-step method (of an optimizer: the longest move, or the learning rate).
    """

    title: str
    formula: str  # LaTeX of E
    methods: tuple[str, ...]
    starts: tuple[str, ...]
    controls: tuple[str, ...] = ()
    main: int = 1
    defaults: Mapping[str, object] = field(default_factory=dict)
    steps: Mapping[str, float] = field(default_factory=dict)


FLOWS = ("rkc", "bdf", "lsoda", "dopri5", "implicit_euler", "euler")
OPTIMIZERS = ("lbfgs", "fire", "nesterov", "heavy_ball")

MENU: dict[str, Row] = {
    "cluster": Row(
        "Clusters",
        r"\sum_{i<j} u(|x_i - x_j|)",
        (*FLOWS, *OPTIMIZERS, "annealing", "hopping"),
        ("random", "icosahedron", "octahedron", "funnels", "given"),
        ("count", "potential", "steepness", "repulsion", "attraction", "atoms", "walks", "hops", "hot", "cold"),
        defaults={"count": 13, "duration": 20.0, "iterations": 2_000},
        steps={
            "euler": 1e-3,
            "implicit_euler": 0.05,
            "lbfgs": 0.11,
            "fire": 0.011,
            "nesterov": 1e-3,
            "heavy_ball": 1e-3,
            "annealing": 0.005,
        },
    ),
    "thomson": Row(
        "Charges on a sphere",
        r"\sum_{i<j} 1/|x_i - x_j|,\;\ |x_i| = 1",
        ("rkc", "dopri5", "euler", "lbfgs", "fire", "starts", "annealing"),
        ("random", "spiral"),
        ("count", "walks", "hot", "cold"),
        defaults={"count": 37, "duration": 100.0, "iterations": 1_000},
        steps={"euler": 5e-3, "lbfgs": 0.1, "fire": 0.01, "annealing": 1e-3},
    ),
    "film": Row(
        "Soap film",
        r"\int 2\pi r\sqrt{1 + r^{\prime 2}}\,dz",
        ("rkc", "dopri5", "euler", "lbfgs"),
        ("cylinder", "waist", "stable", "unstable", "above", "below"),
        ("separation", "film_metric", "pieces"),
        defaults={"duration": 4.0, "iterations": 500},
        steps={"euler": 1e-4, "lbfgs": 0.1},
    ),
    "phase": Row(
        "Phase field",
        r"\int \tfrac\gamma2|\nabla c|^2 + \tfrac14(c^2-1)^2",
        ("etdrk2_adaptive", "etdrk2", "semi_implicit", "euler"),
        ("spinodal", "nucleation", "disc", "two_discs", "stripe", "star", "drawn"),
        ("metric", "gamma", "mean", "grid", "stabilizer", "drawing"),
        main=3,
        defaults={"duration": 150.0},
        steps={"etdrk2": 0.25, "semi_implicit": 0.25, "euler": 0.01},
    ),
    "condensate": Row(
        "Condensate",
        r"\begin{aligned} \textstyle\int &\tfrac12|\nabla\varphi|^2 + V|\varphi|^2 \\[-2pt] &+ "
        r"\tfrac\beta2|\varphi|^4 - \Omega\,\varphi^* L_z\varphi \end{aligned}",
        ("normalized",),
        ("gaussian", "thomas_fermi", "turbulent", "vortex"),
        ("dimensions", "beta", "rotation", "trap", "multiplier"),
        main=3,
        defaults={"iterations": 1_000},
        steps={"normalized": 1.0},
    ),
    "chain": Row(
        "Hanging chain",
        r"\sum_i y_i,\;\ |x_{i+1} - x_i| = \ell",
        ("rkc", "dopri5", "euler", "lbfgs", "fire"),
        ("zigzag", "arch"),
        ("links", "length"),
        main=2,
        defaults={"duration": 8.0, "links": 20, "iterations": 2_000},
        steps={"euler": 5e-3, "lbfgs": 0.05, "fire": 0.01},
    ),
    "column": Row(
        "Column",
        r"\tfrac C2\sum_k\Delta\theta_k^2 + P\ell\sum_k\cos\theta_k",
        ("rkc", "dopri5", "euler", "lbfgs", "fire"),
        ("nearly straight", "straight"),
        ("links", "load"),
        main=2,
        defaults={"duration": 120.0, "links": 20, "load": 1.2, "iterations": 2_000},
        steps={"euler": 0.02, "lbfgs": 0.2, "fire": 0.01},
    ),
    "spins": Row(
        "XY magnets",
        r"-J\sum_{\langle ij\rangle}\cos(\theta_i - \theta_j)",
        ("dopri5", "euler", "leimkuhler_matthews"),
        ("random", "pair", "crystal", "twisted", "aligned"),
        ("kT", "side"),
        main=2,
        defaults={"duration": 60.0},
        steps={"euler": 0.1, "leimkuhler_matthews": 0.05},
    ),
    "ritz": Row(
        "Deep Ritz",
        r"\int \tfrac12|\nabla u_w|^2 - u_w",
        ("lbfgs", "adam", "heavy_ball", "euler"),
        ("random",),
        ("width",),
        defaults={"iterations": 200},
        steps={"lbfgs": 0.05, "adam": 5e-3, "heavy_ball": 5e-3, "euler": 1e-2},
    ),
}
