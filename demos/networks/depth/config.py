"""What can be changed about random networks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from demos.contract import Config, choice, number, whole
from demos.networks.theory import ACTIVATIONS

INIT_LABELS = {
    "default": "torch's default",
    "xavier": "Xavier",
    "he": "He",
    "orthogonal": "Orthogonal",
}
NORM_LABELS = {"none": "None", "batch": "Batch norm", "layer": "Layer norm", "rms": "RMS norm"}
SKIP_LABELS = {"none": "None", "one": "h + f(h)", "root": "h + f(h)/√L"}
BESIDE_LABELS = {
    "none": "Nothing",
    "he": "He's weights",
    "xavier": "Xavier's weights",
    "batch": "Batch norm",
    "layer": "Layer norm",
    "rms": "RMS norm",
    "root": "Skips h + f(h)/√L",
    "relu": "ReLU",
    "tanh": "Tanh",
}
COST = 2.1e9  # most multiplications of all networks together: 100 layers at the defaults, about a second


@dataclass(frozen=True)
class DepthConfig(Config):
    """Random networks whose gradients are computed from the last layer to the first."""

    activation: str = choice(
        "relu", "Activation φ", {name: each.title for name, each in ACTIVATIONS.items()}, group="main"
    )
    init: str = choice(
        "default",
        "Initial weights",
        INIT_LABELS,
        group="main",
        help="Torch's default for nn.Linear is uniform with σ_w² = 1/3; Xavier has 1, He 2, both without biases.",
    )
    gain: float = number(
        1.0, "Gain", low=0.1, high=5.0, scale="log", group="main", help="Multiplies all weights; not torch's default."
    )
    depth: int = whole(20, "Layers L", low=3, high=100, scale="log", group="main")
    normalization: str = choice("none", "Normalization", NORM_LABELS, help="Before the activation.")
    skip: str = choice("none", "Skips", SKIP_LABELS, help="Around norm, activation and linear map of each layer.")
    beside: str = choice(
        "none",
        "Beside it",
        BESIDE_LABELS,
        group="main",
        help="A second network that differs in this alone: same inputs, same seeds.",
    )
    width: int = whole(128, "Width n", low=32, high=256, scale="log")
    networks: int = whole(6, "Random networks", low=3, high=12)
    batch: int = whole(64, "Inputs", low=16, high=256, scale="log", help="Standard normal, n numbers each.")
    seed: int = whole(0, "Seed", low=0, high=2**31 - 1)

    def check(self) -> None:
        work = self.depth * self.width**2 * (3 * self.batch + 20) * self.networks
        if work > COST:
            raise ValueError(
                f"{self.networks} networks of {self.depth} × {self.width} with {self.batch} inputs take "
                f"{work / COST:.3g} times the work allowed; fewer networks, or a smaller width, will do."
            )

    def unused(self) -> frozenset[str]:
        return frozenset({"gain"}) if self.init == "default" and self.beside not in ("he", "xavier") else frozenset()

    def other(self) -> DepthConfig | None:
        """The second network for comparison; None if there is none, or if it is the same."""
        changes: dict[str, Any] = {"none": {}}
        changes |= {name: {"init": name} for name in ("he", "xavier")}
        changes |= {name: {"normalization": name} for name in ("batch", "layer", "rms")}
        changes |= {name: {"activation": name} for name in ("relu", "tanh")}
        changes["root"] = {"skip": "root"}
        other = self.replace(beside="none", **changes[self.beside])
        return None if other == self.replace(beside="none") else other

    def words(self) -> str:
        """A short description of the network."""
        parts = [ACTIVATIONS[self.activation].title, INIT_LABELS[self.init]]
        parts += [f"gain {self.gain:g}"] if self.gain != 1 and self.init != "default" else []
        parts += [NORM_LABELS[self.normalization].lower()] if self.normalization != "none" else []
        parts += [SKIP_LABELS[self.skip]] if self.skip != "none" else []
        return ", ".join(parts)
