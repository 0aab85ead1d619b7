"""Scenes of gradients through time."""

from __future__ import annotations

from demos.contract import Claim, Evidence, Result, Scene, State, Try
from demos.networks.bench.evidence import row, rows
from demos.networks.time.checks import DECAY, LAW, PRODUCT
from demos.networks.time.config import TimeConfig


def decays(*ranges: tuple[float, float], law: bool = True) -> Claim:
    """The claim that log10 of the first over the last gradient of each cell, in their order, is in its range and agrees
    with the Jacobians; law: also with a closed form."""

    def claim(result: Result) -> Evidence:
        found = rows(result, DECAY)
        holds = len(found) == len(ranges) and all(check.state is State.AGREES for check in result.checks)
        holds = holds and all(low <= one.measured <= high for one, (low, high) in zip(found, ranges, strict=True))
        holds = holds and (not law or len(result.checks) > len(found))
        return Evidence(holds, "; ".join(f"{check.name}: {check.measured:.3f}" for check in result.checks))

    return claim


def powers(base: float, steps: int) -> Claim:
    """The claim that every gradient is the power of ρ, up to rounding."""

    def claim(result: Result) -> Evidence:
        seen = 10 ** row(result, LAW).measured
        return Evidence(abs(seen / base**steps - 1) < 1e-11, f"{seen:.6g}, {base:g}^{steps} = {base**steps:.6g}")

    return claim


def products(low: float, high: float) -> Claim:
    """The claim that ∂s_T/∂s₁ is the product of the gates in every unit, and its mean log10 is in this range."""

    def claim(result: Result) -> Evidence:
        apart, kept = row(result, f"∂s_T/∂s₁ against {PRODUCT}"), row(result, "log₁₀ of what")
        holds = apart.agrees and kept.agrees and low <= kept.measured <= high
        return Evidence(holds, f"{kept.measured:.4f}; gates differ by {apart.measured:.1e}")

    return claim


SCENES = (
    Scene(
        "vanishing",
        "Gradients vanish through time, too",
        "An orthogonal matrix keeps every length, but each tanh takes its part: 12 decades are lost in 100 steps.",
        TimeConfig(),
        decays((-12.5, -11.0)),
        Try(
            "gain",
            1.5,
            "Raise the gain ρ to 1.5",
            "Now it makes up for tanh: less than 2 decades.",
            decays((-2.0, 1.0)),
        ),
    ),
    Scene(
        "exploding",
        "Exploding: 1.1⁶⁰ = 304.48",
        "Without tanh ρ times an orthogonal matrix multiplies every gradient by ρ = 1.1 at every step, exactly.",
        TimeConfig(cell="linear", gain=1.1, steps=61),
        powers(1.1, 60),
        Try("gain", 0.9, "Set the gain ρ to 0.9", "0.9⁶⁰ = 0.0018: it vanishes just as exactly.", powers(0.9, 60)),
    ),
    Scene(
        "forget_bias",
        "Without a forget bias an LSTM's gradient vanishes, too",
        "With torch's start half of its cell is forgotten at each step: 21 decades are lost, by the RNN beside it 30.",
        TimeConfig(cell="lstm", gain=0.6, beside="rnn"),
        decays((-23.0, -19.0), (-31.4, -29.6)),
        Try(
            "bias",
            3.0,
            "Set the forget bias to 3",
            "The LSTM's gradient now comes back whole after 100 steps.",
            decays((-1.0, 1.0), (-31.4, -29.6)),
        ),
    ),
    Scene(
        "gates",
        "An LSTM keeps what its forget gates let through",
        "Without recurrent weights ∂c_T/∂c₁ is the product of all forget gates; with a bias of 5 half is left.",
        TimeConfig(cell="lstm", gain=0.0, bias=5.0),
        products(-0.34, -0.31),
        Try(
            "bias",
            0.0,
            "Set the forget bias to 0",
            "½⁹⁹ and a little less: 31 decades are lost.",
            products(-31.3, -30.9),
        ),
    ),
    Scene(
        "gru",
        "A GRU's update gate keeps the gradient as well",
        "With a bias of 3 its gate z keeps the state: a GRU loses 2 decades in 100 steps, the RNN beside it 30.",
        TimeConfig(cell="gru", gain=0.6, bias=3.0, beside="rnn"),
        decays((-2.6, -1.4), (-31.4, -29.6)),
        Try(
            "bias",
            0.0,
            "Set the bias to 0",
            "Half is forgotten at each step: more than 12 decades are lost.",
            decays((-30.0, -12.0), (-32, -28)),
        ),
        label="GRU",
    ),
    Scene(
        "spectrum",
        "In the long run the largest eigenvalue decides",
        "Gaussian weights keep lengths on average for √n steps; then each network's largest eigenvalue takes over.",
        TimeConfig(cell="linear", recurrence="gaussian", networks=12),
        decays((0.5, 6.0)),
        Try(
            "recurrence",
            "orthogonal",
            "Choose orthogonal weights",
            "All eigenvalues on the circle: nothing changes.",
            powers(1.0, 99),
        ),
    ),
)
