"""What can be changed about a network that trains."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from demos.contract import Config, choice, number, whole
from demos.networks.theory import ACTIVATIONS

DATA_LABELS = {"xor": "XOR", "moons": "Two moons", "spirals": "Spirals", "line": "A 1-D function"}
INIT_LABELS = {"default": "torch's default", "xavier": "Xavier", "he": "He", "orthogonal": "Orthogonal"}
NORM_LABELS = {"none": "None", "batch": "Batch norm", "layer": "Layer norm", "rms": "RMS norm"}
SKIP_LABELS = {"none": "None", "one": "h + f(h)", "root": "h + f(h)/√L"}
OPTIMIZER_LABELS = {
    "sgd": "SGD",
    "momentum": "SGD, momentum 0.9",
    "adam": "Adam",
    "adamw": "AdamW",
    "muon": "Muon",
    "lars": "LARS: layer-wise rates",
}
RATES = {"sgd": 0.05, "momentum": 0.05, "adam": 1e-3, "adamw": 1e-3, "muon": 0.01, "lars": 0.01}
BESIDE: dict[str, tuple[str, dict[str, Any]]] = {  # name: label, what the second network has of its own
    "none": ("Nothing", {}),
    "he": ("He's weights", {"init": "he"}),
    "relu": ("ReLU", {"activation": "relu"}),
    "relu_he": ("ReLU and He's weights", {"activation": "relu", "init": "he"}),
    "leaky": ("Leaky ReLU", {"activation": "leaky_relu"}),
    "batch": ("Batch norm", {"normalization": "batch"}),
    "layer": ("Layer norm", {"normalization": "layer"}),
    "root": ("Skips h + f(h)/√L", {"skip": "root"}),
    "sgd": ("SGD", {"optimizer": "sgd"}),
    "momentum": ("SGD, momentum 0.9", {"optimizer": "momentum"}),
    "adam": ("Adam", {"optimizer": "adam"}),
    "muon": ("Muon", {"optimizer": "muon"}),
    "lars": ("LARS", {"optimizer": "lars"}),
    "clip": ("Clipping at 1", {"clip": 1.0}),
    "shallow": ("Three layers", {"depth": 3}),
    "epsilon": ("ε = 10⁻¹⁸", {"epsilon": 1e-18}),
}
EXAMPLES, TESTS = 512, 1_000
WORK = 5e10  # most multiplications of a run, about six seconds
ADAPTIVE = ("adam", "adamw")


@dataclass(frozen=True)
class TrainingConfig(Config):
    """The training of a perceptron of L linear layers under `GradientFlowMonitor`, and of a second one to compare."""

    data: str = choice("xor", "Data", DATA_LABELS, group="main")
    activation: str = choice(
        "sigmoid", "Activation φ", {name: each.title for name, each in ACTIVATIONS.items()}, group="main"
    )
    init: str = choice("default", "Initial weights", INIT_LABELS, group="main")
    optimizer: str = choice(
        "momentum",
        "Optimizer",
        OPTIMIZER_LABELS,
        group="main",
        help="Muon and LARS move weights only. A change of optimizer sets its usual learning rate.",
    )
    lr: float = number(0.05, "Learning rate", low=1e-5, high=3.0, scale="log", group="main")
    beside: str = choice(
        "none",
        "Beside it",
        {name: label for name, (label, _) in BESIDE.items()},
        group="main",
        help="A second network that differs in this alone: same data, same batches, same seed.",
    )
    depth: int = whole(20, "Layers L", low=2, high=60, scale="log", group="Network")
    width: int = whole(64, "Width n", low=4, high=128, scale="log", group="Network")
    gain: float = number(
        1.0, "Gain", low=0.1, high=5.0, scale="log", group="Network", help="Multiplies weights; not torch's default."
    )
    bias: float = number(0.0, "Bias added", low=-3.0, high=1.0, group="Network", help="To all hidden biases, at first.")
    normalization: str = choice("none", "Normalization", NORM_LABELS, group="Network", help="Before the activation.")
    skip: str = choice("none", "Skips", SKIP_LABELS, group="Network", help="Around norm, activation and linear map.")
    steps: int = whole(300, "Steps", low=20, high=3_000, scale="log", group="Training")
    batch: int = whole(128, "Batch", low=8, high=EXAMPLES, scale="log", group="Training", help=f"Of {EXAMPLES}.")
    clip: float = number(0.0, "Clip |g| at", low=0.0, high=10.0, group="Training", help="0: never.")
    epsilon: float = number(1e-8, "Adam's ε", low=1e-30, high=1e-2, scale="log", group="Training")
    l2: float = number(0.0, "L2: λ₂", low=0.0, high=0.1, group="Training", help="Adds ½ λ₂ |θ|² to the loss.")
    l1: float = number(0.0, "L1: λ₁", low=0.0, high=0.01, group="Training", help="Adds λ₁ Σ |θᵢ| to the loss.")
    flipped: float = number(0.0, "Wrong labels", low=0.0, high=0.4, group="Training", help="Their share.")
    seed: int = whole(0, "Seed", low=0, high=2**31 - 1)

    def check(self) -> None:
        times = self.work() / WORK
        if times > 1:
            raise ValueError(
                f"{self.steps:,} steps of {self.depth} × {self.width} with batches of {self.batch} take {times:.3g} "
                "times the work allowed; fewer steps, or smaller layers or batches, will do."
            )

    def work(self) -> float:
        """The estimated multiplications of both networks, with the overhead of layers."""
        networks = 1 if self.beside == "none" else 2
        muon = 15 * self.width if self.optimizer == "muon" or self.beside == "muon" else 0
        layer = self.width**2 * (3 * self.batch + muon + 40) + 4e5
        return float(networks * self.steps * self.depth * layer)

    def seconds(self) -> float:
        """About how long a run takes on one core."""
        return self.work() / 8e9

    @classmethod
    def adapt(cls, before: Any, values: dict[str, Any]) -> dict[str, Any]:
        """Another optimizer brings its usual learning rate along."""
        if values["optimizer"] != before.optimizer:
            return values | {"lr": RATES.get(values["optimizer"], values["lr"])}
        return values

    @property
    def classes(self) -> bool:
        """Whether the task is a classification into two classes, not a function."""
        return self.data != "line"

    def unused(self) -> frozenset[str]:
        names = {"gain"} if self.init == "default" else set()
        names |= {"flipped"} if not self.classes else set()
        both = {self.optimizer, self.beside}
        return frozenset(names | (set() if both & set(ADAPTIVE) else {"epsilon"}))

    def marks(self) -> Mapping[str, Sequence[tuple[float, str]]]:
        return {"lr": [(RATES[self.optimizer], "usual")]}

    def other(self) -> TrainingConfig | None:
        """The second network for comparison; None if there is none, or if it is the same."""
        changes = dict(BESIDE[self.beside][1])
        if changes.get("optimizer", self.optimizer) != self.optimizer:
            changes["lr"] = RATES[changes["optimizer"]]
        alone = self.replace(beside="none")
        other = alone.replace(**changes)
        return None if other == alone else other
