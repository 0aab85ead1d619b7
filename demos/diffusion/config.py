"""Everything a visitor can change on the diffusion page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from demos.common.numbers import counted
from demos.contract import Config, choice, flag, number, several, text, whole
from demos.diffusion.data import BUILT_IN
from demos.diffusion.data.encoding import LETTERS, count_classes, count_points
from demos.diffusion.data.word import MOST_LETTERS, WORD_POINTS
from demos.diffusion.grids import GRIDS
from demos.diffusion.processes import PROCESSES
from demos.diffusion.samplers import SAMPLERS

WORD, POINTS = "word", "points"
DATA = BUILT_IN.titles | {WORD: "Your own word", POINTS: "Your own points"}
SCORES = {"exact": "Exact", "learned": "Learned", "flow": "Flow matching", "flow_ot": "Flow matching, OT pairs"}
SAMPLER_LABELS = {name: sampler.label for name, sampler in SAMPLERS.items()}
PROCESS_LABELS = {name: kind.label for name, kind in PROCESSES.items()}
CLASSES = {"all": "All data", "each": "Every class"} | {str(i): f"Class {i + 1}" for i in range(8)}
NETWORK = 400  # the cost of one evaluation of a network, in mixture components of an exact score
MOST_WORK = 1.2e9  # points × evaluations × components: about three seconds of one core
MOST_STUDY = 4.5e9  # the same limit for a study, which runs only when the visitor opens its tab


@dataclass(frozen=True)
class DiffusionConfig(Config):
    """One picture of the diffusion page. Noise ranges are in spreads σ_data of the data."""

    data: str = choice("gaussians8", "Data", DATA, group="main")
    word: str = text("score", "Word", most=MOST_LETTERS, group="main", help="Drawn and turned into 1,000 points.")
    points: str = text(
        "",
        "Points",
        most=LETTERS,
        group="data",
        help="Drawn or uploaded points, as the page writes them: four letters a point.",
    )
    score: str = choice(
        "exact",
        "Score",
        SCORES,
        group="main",
        help="In closed form from the distribution of the data, or a network that has only seen samples of it.",
    )
    network: str = choice(
        "shipped",
        "Network",
        {"shipped": "Shipped", "trained": "Trained here"},
        group="score",
        help="The built-in data have weights that ship with the project; or train now, and watch.",
    )
    training_steps: int = whole(
        2_000,
        "Steps of training",
        low=50,
        high=4_000,
        scale="log",
        group="score",
        help="Of a batch of 512 points each. The network that was trained is kept.",
    )
    sampler: str = choice("heun", "Sampler", SAMPLER_LABELS, group="main")
    evaluations: int = whole(
        35,
        "Evaluations of the score",
        low=2,
        high=1_000,
        scale="log",
        group="main",
        help="What sampling costs, for each point. Heun takes two a step, annealed Langevin many at each noise level.",
    )
    compare: tuple[str, ...] = several(
        (),
        "Compare with",
        SAMPLER_LABELS,
        most=2,
        group="compare",
        help="Up to two more samplers: the same starting noise, the same number of evaluations, side by side.",
    )
    target: str = choice("all", "Class", CLASSES, group="guidance", help="Which class to ask for.")
    guidance: float = number(
        1.0,
        "Guidance w",
        low=0.0,
        high=20.0,
        step=0.1,
        group="guidance",
        help=(
            "D + w (D of the class − D): 0 ignores the class, 1 is the class itself, more pushes "
            "away from the others. Ho and Salimans count from there: their w is this one less 1."
        ),
    )
    process: str = choice("edm", "Process", PROCESS_LABELS, group="noise")
    grid: str = choice("karras", "Grid of noise levels", GRIDS, group="noise")
    rho: float = number(7.0, "ρ of Karras's grid", low=1.0, high=20.0, step=0.5, group="noise")
    sigma_max: float = number(
        10.0,
        "Most noise",
        low=0.1,
        high=200.0,
        scale="log",
        unit="spreads",
        group="noise",
        help="Of EDM, VE and the linear path, in spreads of the data. 10 are enough here, where sampling starts around "
        "the mean of what is asked for; images use 160.",
    )
    sigma_min: float = number(0.002, "Least noise", low=1e-4, high=0.5, scale="log", unit="spreads", group="noise")
    beta_min: float = number(
        0.1,
        "β at t = 0",
        low=0.01,
        high=5.0,
        scale="log",
        group="noise",
        help="Of VP and sub-VP: β rises linearly to its value at t = 1.",
    )
    beta_max: float = number(20.0, "β at t = 1", low=0.1, high=40.0, scale="log", group="noise")
    start: str = choice(
        "prior",
        "Start from",
        {"prior": "Pure noise", "data": "Data with noise"},
        group="noise",
        help=(
            "Pure noise: a Gaussian with the mean of the data, as wide as data and noise together. "
            "Data with noise: exactly what the flow expects."
        ),
    )
    last: str = choice(
        "denoise", "Last step", {"denoise": "To σ = 0", "stop": "Stop at the least noise"}, group="noise"
    )
    stochasticity: float = number(
        1.0,
        "Stochasticity λ",
        low=0.0,
        high=10.0,
        step=0.1,
        group="sampler",
        help="Of Euler–Maruyama: 0 is the probability-flow ODE, 1 the reverse SDE; the marginals are the same for all.",
    )
    eta: float = number(1.0, "Ancestral η", low=0.0, high=1.0, step=0.05, group="sampler", help="λ = η²; 0 is DDIM.")
    churn: float = number(
        20.0,
        "Churn S",
        low=0.0,
        high=200.0,
        step=1.0,
        group="sampler",
        help="Noise added back before each of the N steps: σ grows by the factor 1 + min(S/N, 0.41).",
    )
    noise_scale: float = number(1.0, "Factor on the churned noise", low=0.95, high=1.05, step=0.001, group="sampler")
    snr: float = number(0.16, "Corrector's signal to noise", low=0.01, high=1.0, scale="log", group="sampler")
    corrections: int = whole(1, "Corrections a step", low=1, high=4, group="sampler")
    langevin_steps: int = whole(5, "Langevin steps at each level", low=1, high=50, group="sampler")
    langevin_size: float = number(0.2, "Langevin step / σ²", low=0.01, high=1.0, scale="log", group="sampler")
    tolerance: float = number(1e-3, "Tolerance of Dormand–Prince", low=1e-6, high=0.1, scale="log", group="sampler")
    score_error: float = number(
        0.0,
        "Error of the score",
        low=0.0,
        high=3.0,
        step=0.1,
        unit="1/spread",
        group="score",
        help=(
            "Bends the score where σ is three spreads of the data, by a field that no data have: "
            "what a network learned badly."
        ),
    )
    particles: int = whole(2_000, "Points", low=16, high=4_000, scale="log", group="run")
    seed: int = whole(0, "Seed", low=0, high=2**31 - 1, group="run")
    story: str = choice(
        "back",
        "Story",
        {"back": "Noise → data", "both": "Data → noise → data"},
        group="picture",
        help="Both ways: the samplers start from the very noise that the data became.",
    )
    color: str = choice(
        "place",
        "Colour by",
        {"place": "Mode or class", "start": "Direction of the noise", "none": "Nothing"},
        group="picture",
    )
    landscape: bool = flag(True, "Landscape: −log density", group="picture")
    trails: bool = flag(False, "Paths of a few points", group="picture")
    probe: bool = flag(
        False,
        "Follow one point",
        group="picture",
        help="A click in the picture starts a point of noise there, with eight neighbours.",
    )
    probe_x: float = number(1.0, "Its x", low=-20.0, high=20.0, step=0.01, group="picture")
    probe_y: float = number(0.5, "Its y", low=-20.0, high=20.0, step=0.01, group="picture")

    def check(self) -> None:
        if self.sampler in self.compare:
            raise ValueError(f"compare: {self.sampler} is the sampler already; choose others beside it.")
        classes = BUILT_IN.rows[self.data].classes if self.data in BUILT_IN.rows else 1
        if self.data == POINTS:
            classes = count_classes(self.points)
        if self.target not in ("all", "each") and int(self.target) >= classes:
            raise ValueError(f"target = {self.target}: {DATA[self.data]} has {classes} class{'es' * (classes > 1)}.")
        if self.guided and self.score == "flow_ot":
            raise ValueError(
                "Pairs matched by optimal transport are learned without classes: ask for all data, or "
                "choose another score."
            )
        if self.beta_min > self.beta_max:
            raise ValueError(f"β cannot fall from {self.beta_min:g} to {self.beta_max:g}.")
        if self.sigma_min >= self.sigma_max:
            raise ValueError(f"The least noise {self.sigma_min:g} must be below the most, {self.sigma_max:g}.")
        if self.data == POINTS and not self.points:
            raise ValueError("There are no points yet: draw some, or upload a file.")
        if self.work > MOST_WORK:
            spent = max(self.spent(name) for name in self.samplers)
            raise ValueError(
                f"{counted(self.particles, 'point')} × {spent:,} evaluations on {DATA[self.data]} would take too "
                "long; take fewer points or evaluations."
            )

    def marks(self) -> Mapping[str, Sequence[tuple[float, str]]]:
        """What the values of three sliders mean."""
        return {
            "guidance": ((1.0, "the class itself"),),
            "stochasticity": ((0.0, "ODE"), (1.0, "reverse SDE")),
            "sigma_max": ((5.0, "drowns the data"),),
        }

    @property
    def samplers(self) -> tuple[str, ...]:
        return (self.sampler, *self.compare)

    @property
    def guided(self) -> bool:
        """Whether the samples are conditioned on a class."""
        return self.target != "all" and self.guidance > 0

    @property
    def from_data(self) -> bool:
        """Whether sampling starts from true data plus noise, as it also does where the forward process is shown."""
        return self.start == "data" or self.story == "both"

    @property
    def work(self) -> float:
        """The cost of the run: points × evaluations × components, summed over all samplers."""
        calls = 2 if self.guided and self.guidance != 1 else 1
        return self._priced(calls * sum(map(self.spent, self.samplers)))

    def spent(self, sampler: str, evaluations: int | None = None) -> int:
        """About how many evaluations a sampler makes when given a budget (`evaluations`, or else the config's)."""
        return SAMPLERS[sampler].spent(self.evaluations if evaluations is None else evaluations, self)

    def check_study(self, evaluations: int) -> None:
        """Raises ValueError where a study of `evaluations` evaluations in all would take too long."""
        most = int(self.particles * MOST_STUDY / self._priced(evaluations))
        if most < self.particles:
            raise ValueError(
                f"{counted(self.particles, 'point')} × {evaluations:,} evaluations on {DATA[self.data]} would take "
                f"too long for this table; take {most:,} points."
            )

    def _priced(self, evaluations: int) -> float:
        return self.particles * evaluations * self.price

    @property
    def price(self) -> float:
        """The cost of one evaluation of the score at one point, in components of an exact distribution."""
        return self._components if self.score == "exact" else NETWORK

    @property
    def _components(self) -> int:
        """About how many components the exact distribution has: the cost of one evaluation at one point."""
        if self.data == POINTS:
            return count_points(self.points)
        return WORD_POINTS if self.data == WORD else BUILT_IN.rows[self.data].components
