"""Scenes of the Dirac-GAN."""

from __future__ import annotations

from demos.contract import Claim, Evidence, Result, Scene, State, Try
from demos.networks.bench.evidence import row, rows
from demos.networks.gan.checks import FACTOR, RADIUS, ROTATION
from demos.networks.gan.config import GanConfig


def factors(*wanted: tuple[float, float]) -> Claim:
    """The claim that the factor of a step of each method, in their order, is in its range, and all rows agree."""

    def claim(result: Result) -> Evidence:
        found = rows(result, FACTOR)
        holds = len(found) == len(wanted) and all(check.state is not State.DIFFERS for check in result.checks)
        holds = holds and all(low <= one.measured <= high for one, (low, high) in zip(found, wanted, strict=True))
        return Evidence(holds, "; ".join(f"{one.name}: {one.measured:.6f}" for one in found))

    return claim


def ends(low: float, high: float) -> Claim:
    """The claim on the first method's final distance from the equilibrium, which is predicted from its step."""

    def claim(result: Result) -> Evidence:
        radius, rotation = row(result, RADIUS), row(result, ROTATION)
        holds = low <= radius.measured <= high and radius.meets_prediction and rotation.agrees
        return Evidence(holds, f"{radius.measured:.4f}; the flow has {radius.truth:.4f}")

    return claim


SCENES = (
    Scene(
        "spiral",
        "When two players take gradient steps at once, they spiral out",
        "The flow circles. Simultaneous steps lead out by √(1 + h²/4) = 1.02 each; alternating ones stay near it.",
        GanConfig(),
        factors((1.0198, 1.0199), (1 - 1e-9, 1 + 1e-9)),
        Try(
            "lr",
            0.1,
            "Lower the rate h to 0.1",
            "√(1 + h²/4) falls to 1.0012: slower, but still outwards.",
            factors((1.0012, 1.0013), (1 - 1e-9, 1 + 1e-9)),
        ),
    ),
    Scene(
        "r1",
        "The R1 penalty brings the game to rest",
        "γ|∂D/∂x|²/2 at the data adds −γ/2 to both eigenvalues: all of training now spirals in.",
        GanConfig(gamma=0.5),
        factors((0.90, 0.93), (0.88, 0.91)),
        Try(
            "gamma",
            0.0,
            "Take the penalty away",
            "Without it nothing pulls inwards any more.",
            factors((1.0198, 1.0199), (1 - 1e-9, 1 + 1e-9)),
        ),
        label="With R1",
    ),
    Scene(
        "penalty",
        "More penalty is not faster",
        "At γ = 2f'(0) = 1 the flow no longer turns, and is as fast as it gets; beyond, one direction becomes slow.",
        GanConfig(gamma=1.0, methods=("simultaneous",), steps=60),
        factors((0.795, 0.805)),
        Try("gamma", 2.0, "Raise γ to 2", "The slow direction takes over: 0.946 a step.", factors((0.944, 0.948))),
    ),
    Scene(
        "extragradient",
        "Looking one step ahead brings the game to rest",
        "Extragradient takes the gradient one step ahead: the same game, with no penalty, spirals in.",
        GanConfig(loss="wgan", methods=("simultaneous", "extragradient"), lr=0.2),
        factors((1.0198, 1.0199), (0.980, 0.981)),
        Try(
            "lr",
            1.0,
            "Raise the rate h to 1",
            "Looking ahead too far: at h f' = 1 it only circles.",
            factors((1.414, 1.415), (1 - 1e-7, 1 + 1e-7)),
        ),
    ),
    Scene(
        "nonsaturating",
        "The non-saturating loss comes in, but ever more slowly",
        "From a distance of 2 to 0.23 in 150 units of time: at the equilibrium its flow only turns, as all do.",
        GanConfig(loss="nonsaturating", methods=("rk4",), lr=0.5, theta=2.0, psi=0.0, steps=300),
        ends(0.21, 0.25),
        Try("loss", "gan", "Choose the saturating loss", "The circle is exact: the distance stays 2.", ends(1.99, 2.0)),
        label="Non-saturating",
    ),
)
