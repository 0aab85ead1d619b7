"""Named presets: each makes one point in one sentence, with a claim that a test checks."""

from __future__ import annotations

from collections.abc import Sequence

from demos.contract import Claim, Evidence, Result, Scene, State, Try
from demos.networks.bench.evidence import row, rows
from demos.networks.training.checks import DECAY
from demos.networks.training.config import BESIDE, TrainingConfig
from demos.networks.training.laws import END, PENALTY, SHRINKS
from demos.networks.training.muon import DIRECTIONS, SPECTRAL
from demos.networks.training.steps import CLIPPED, SHARE

CHOSEN = "as chosen"


def codes(result: Result, label: str = "", severity: str = "alarm") -> set[str]:
    """The codes of a network's findings; label: that of the network, if there are two."""
    found = result.tables["findings"]
    own = (found["severity"] == severity) & (found["network"] == label)
    return set(found.loc[own, "code"])


def accuracy(result: Result, label: str = "") -> float:
    """The final accuracy on test examples."""
    name = f"accuracy · {label}" if label else "accuracy"
    return float(next(each for each in result.picture.readouts if each.label == name).values[-1])


def diagnosed(
    alarms: Sequence[str],
    share_right: tuple[float, float],
    label: str = "",
    others: Sequence[str] = (),
    lawful: bool = True,
) -> Claim:
    """The claim that a network has exactly these alarms, has the findings `others` (among more), a test accuracy in the
    range `share_right`, and, if `lawful`, no row that differs."""

    def claim(result: Result) -> Evidence:
        found = codes(result, label)
        more = codes(result, label, "warning") | codes(result, label, "note")
        share, (low, high) = accuracy(result, label), share_right
        fine = result.verdict.state is not State.DIFFERS or not lawful
        holds = found == set(alarms) and set(others) <= more and low <= share <= high and fine
        return Evidence(holds, f"{label} alarms {sorted(found)}, {sorted(more)}, {share:.0%} right")

    return claim


def right(low: float, high: float) -> Claim:
    """The claim that the test accuracy is in this range, whatever the findings."""

    def claim(result: Result) -> Evidence:
        share = accuracy(result)
        return Evidence(low <= share <= high, f"{share:.0%} right")

    return claim


def both(first: Claim, second: Claim) -> Claim:
    """The claim that both claims hold."""

    def claim(result: Result) -> Evidence:
        one, other = first(result), second(result)
        return Evidence(one.holds and other.holds, f"{one.numbers}; {other.numbers}")

    return claim


def stays_at_chance(result: Result) -> Evidence:
    """The claim that the loss ends at ln 2, as the alarm predicts."""
    end = row(result, END)
    return Evidence(end.predicted is not None and end.agrees, f"loss {end.measured:.4f}")


def decays(low: float, high: float, comparable: bool = True) -> Claim:
    """The claim that the depth profile before the first step is in this range, and agrees with theory if comparable."""

    def claim(result: Result) -> Evidence:
        decay = row(result, DECAY)
        state = State.AGREES if comparable else State.NOT_COMPARABLE
        return Evidence(low <= decay.measured <= high and decay.state is state, f"{decay.measured:.2f}, {decay.state}")

    return claim


def agree(name: str, count: int) -> Claim:
    """The claim that there are `count` rows of this name, and all agree."""

    def claim(result: Result) -> Evidence:
        found = rows(result, name)
        return Evidence(len(found) == count and all(each.agrees for each in found), f"{[e.measured for e in found]}")

    return claim


def as_good(least: float, apart: float) -> Claim:
    """The claim that two networks differ by six or more decades in gradients, and both have at least so many
    test examples right."""

    def claim(result: Result) -> Evidence:
        shares = [accuracy(result, label) for label in (CHOSEN, BESIDE["he"][0])]
        decay = [each.measured for each in rows(result, DECAY) if "middle" not in each.name]
        near = min(shares) >= least and abs(shares[0] - shares[1]) <= apart and abs(decay[0] - decay[1]) > 6
        said = f"{shares[0]:.0%} and {shares[1]:.0%}; decades {decay[0]:.1f} and {decay[1]:.1f}, {result.verdict.state}"
        return Evidence(near and result.verdict.state is not State.DIFFERS, said)

    return claim


CHANCE, LEARNT = (0.4, 0.6), (0.9, 1.0)

SCENES = (
    Scene(
        "sigmoid_20",
        "The 20-layer sigmoid that cannot learn",
        "A sigmoid's slope is at most ¼: 3 × 10⁻¹⁶ of the gradient reaches the first layer, and it stands still.",
        TrainingConfig(),
        both(diagnosed(["vanishing"], CHANCE), both(stays_at_chance, decays(-16.2, -15.0))),
        Try(
            "optimizer",
            "adam",
            "Choose Adam.",
            "Adam fails as well: these gradients are far below its ε = 10⁻⁸.",
            diagnosed(["below_epsilon"], CHANCE),
        ),
        label="Sigmoids",
    ),
    Scene(
        "cures",
        "Its cures, one at a time",
        "The same sigmoids with skips h + f(h)/√L beside them: nothing else is changed, and nine in ten are right.",
        TrainingConfig(beside="root", steps=200),
        both(diagnosed(["vanishing"], CHANCE, CHOSEN), diagnosed([], LEARNT, BESIDE["root"][0])),
        Try(
            "beside",
            "batch",
            "Put batch norm beside it.",
            "Batch norm cures it as well, with gradients that grow on the way back.",
            both(
                diagnosed(["vanishing"], CHANCE, CHOSEN),
                diagnosed([], LEARNT, BESIDE["batch"][0], ["backward_growth"]),
            ),
        ),
    ),
    Scene(
        "relative",
        "Vanishing is relative to the optimizer",
        "ReLUs as torch makes them: gradients fall by 7 decades, SGD stands still, and Adam has nine in ten right.",
        TrainingConfig(activation="relu", beside="adam", steps=200),
        both(diagnosed(["vanishing"], CHANCE, CHOSEN), diagnosed([], LEARNT, BESIDE["adam"][0], ["compensated"])),
        Try(
            "beside",
            "lars",
            "Put layer-wise rates beside it.",
            "LARS moves each layer by 1 % of its size: it learns too.",
            both(diagnosed(["vanishing"], CHANCE, CHOSEN), diagnosed([], LEARNT, BESIDE["lars"][0])),
        ),
        label="SGD or Adam",
    ),
    Scene(
        "batch_growth",
        "Batch norm grows gradients, and trains",
        "It does not normalize gradients: they grow 20-fold and more on the way back. It learns all the same.",
        TrainingConfig(activation="relu", normalization="batch", steps=200),
        both(diagnosed([], LEARNT, others=["backward_growth"]), decays(1.3, 2.5)),
        Try(
            "normalization",
            "none",
            "Take it away.",
            "Without it the gradient vanishes, and nothing is learnt.",
            diagnosed(["vanishing"], CHANCE),
        ),
        label="Batch norm",
    ),
    Scene(
        "residual",
        "Skips that keep the gradient",
        "Gradients grow by less than √e = 1.65 through all 20 layers, as theory says, and nine in ten are right.",
        TrainingConfig(activation="relu", init="he", skip="root", steps=150),
        both(diagnosed([], LEARNT), decays(0.0, 0.217)),
        Try(
            "skip",
            "one",
            "Take away the 1/√L.",
            "Each layer doubles |g|²: the first steps leave the finite numbers.",
            diagnosed(["exploding", "nonfinite"], (0.0, 1.0)),
        ),
        label="1/√L",
    ),
    Scene(
        "clipping",
        "Clipping acts on the step, it finds no fault",
        "Tanh with gain 2.5 is chaotic. Clipped at 1, every step has one length, and nine in ten are right.",
        TrainingConfig(activation="tanh", init="xavier", gain=2.5, lr=0.07, clip=1.0, steps=200),
        both(diagnosed([], (0.8, 1.0), others=["clipping"]), agree(CLIPPED, 1)),
        Try(
            "clip",
            0.0,
            "Set clipping to 0.",
            "Without clipping a single step replaces a layer, and nothing is learnt.",
            right(0.3, 0.7),  # whether it explodes or saturates in the end is chance
        ),
    ),
    Scene(
        "dying",
        "Dead ReLUs do not come back",
        "Biases of −1 switch every unit off for every example: no gradient passes, and Adam cannot help.",
        TrainingConfig(activation="relu", bias=-1.0, optimizer="adam", lr=1e-3, steps=200),
        diagnosed(["dead"], CHANCE),
        Try(
            "bias",
            0.0,
            "Set the bias to 0.",
            "Alive: nine in ten are right.",
            diagnosed([], LEARNT, others=["compensated"]),
        ),
    ),
    Scene(
        "epsilon",
        "Adam's ε is a floor",
        "GELUs lose 10 decades, to |g| ≪ ε = 10⁻⁸. There Adam's step is lr·g/ε, as small as the gradient.",
        TrainingConfig(activation="gelu", optimizer="adam", lr=1e-3, steps=200),
        both(diagnosed(["below_epsilon"], CHANCE), decays(-10.4, -8.8)),
        Try(
            "epsilon",
            1e-16,
            "Set ε to 10⁻¹⁶.",
            "The same gradients, and nine in ten are right.",
            both(diagnosed([], LEARNT, others=["compensated"]), decays(-10.4, -8.8)),
        ),
        label="Adam's ε",
    ),
    Scene(
        "layerwise",
        "Layer-wise rates move every layer alike",
        "LARS moves every layer by exactly lr = 1 % of its size, whatever its gradient: 7 decades do not matter.",
        TrainingConfig(activation="relu", optimizer="lars", lr=0.01, steps=150),
        both(diagnosed([], LEARNT), agree(SHARE, 1)),
        Try(
            "optimizer",
            "sgd",
            "Choose SGD.",
            "One rate for all: the first layers stand still.",
            diagnosed(["vanishing"], CHANCE),
        ),
        label="Layer-wise",
    ),
    Scene(
        "muon",
        "Muon's step has no small directions",
        "Directions with 5 % of the gradient or more move by 0.7 to 1.2 of the rate each; nine in ten are right.",
        TrainingConfig(activation="relu", optimizer="muon", lr=0.01, depth=12, steps=100),
        both(diagnosed([], LEARNT), both(agree(DIRECTIONS, 1), agree(SPECTRAL, 1))),
        Try(
            "optimizer",
            "sgd",
            "Choose SGD.",
            "Its step is in proportion to the gradient, and it stays at chance.",
            diagnosed([], CHANCE),
        ),
    ),
    Scene(
        "shrinking",
        "Where only the penalty is felt",
        "With L2 the sigmoids move, and learn nothing: the first layer feels λ|θ| alone, and shrinks.",
        TrainingConfig(optimizer="sgd", l2=0.01, steps=100),
        both(agree(PENALTY, 1), agree(SHRINKS, 1)),
        Try("l2", 0.0, "Set λ₂ to 0.", "It stands still: vanishing.", diagnosed(["vanishing"], CHANCE)),
        label="L2 alone",
    ),
    Scene(
        "not_generalizing",
        "Good flow is not good generalization",
        "One label in five is wrong. Gradients lose 7 decades in one network only: both get over four in five right.",
        TrainingConfig(activation="relu", optimizer="adam", lr=1e-3, flipped=0.2, beside="he", steps=200),
        as_good(0.8, 0.2),  # 84 to 98 % and up to 14 points apart, by seed and processor
        Try("flipped", 0.0, "Mend the labels.", "Both have over nine in ten right.", as_good(0.9, 0.1)),
        label="Wrong labels",
    ),
)
