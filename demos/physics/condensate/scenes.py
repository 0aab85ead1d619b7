"""Named presets of condensates: each makes one point, which is computed from its run."""

from __future__ import annotations

from demos.contract import Result, Scene
from demos.contract.scene import Evidence, Try
from demos.physics.condensate.config import CondensateConfig


def _row(result: Result, name: str):
    return next((row for row in result.checks if row.name == name), None)


def _eight_digits(result: Result) -> Evidence:
    energy, mu = _row(result, "energy"), _row(result, "chemical potential")
    worst = max(abs(energy.difference), abs(mu.difference))
    return Evidence(worst < 2e-8, f"E and μ are off by {worst:.0e} at most")


def _one_potential(result: Result) -> Evidence:
    """The claim that μ is the same in all wells: Hφ − μφ vanishes."""
    mu = _row(result, "chemical potential")
    return Evidence(abs(mu.difference) < 1e-5, f"μ = {mu.measured:.6f}, exact {mu.truth:.6f}")


def _turns(result: Result) -> Evidence:
    counted, momentum = _row(result, "vortices inside 0.4 to 0.7 radii"), _row(result, "angular momentum")
    other = _row(result, "vortices that turn the other way")
    share = momentum.measured / momentum.truth
    holds = other.measured == 0 and counted.agrees and 0.87 < share < 0.94
    return Evidence(
        bool(holds), f"{counted.measured:.2f} inside, {counted.truth:.2f} expected; {share:.1%} of a solid body"
    )


def _fewer(result: Result) -> Evidence:
    total = next(one.values[-1] for one in result.picture.readouts if one.label == "vortices")
    return Evidence(bool(8 <= total <= 10), f"{total:.0f} vortices")


def _grows(result: Result) -> Evidence:
    width = _row(result, "width")
    return Evidence(bool(width.agrees and width.measured > 2.0), f"width {width.measured:.4f}")


def _without(result: Result) -> Evidence:
    mu = _row(result, "chemical potential")
    return Evidence(abs(mu.difference - 0.0098) < 5e-4, f"μ is off by {mu.difference:.4f}")


SCENES = (
    Scene(
        "ground_state",
        "A cloud of bosons settles, and μ is right to eight digits",
        "Repulsion spreads the cloud. E and μ, the cost of one more atom, meet an independent solver in eight digits.",
        CondensateConfig(),
        claim=_eight_digits,
        tries=Try("multiplier", False, "Switch off μφ.", "It rests elsewhere: μ is off by 0.0098.", _without),
    ),
    Scene(
        "optical_lattice",
        "Atoms spill over the barriers until all wells have one μ",
        "A trap with a lattice in one dimension: wells fill unequally, yet the chemical potential is 38.069 in each.",
        CondensateConfig(dimensions="1", trap="lattice", beta=250.0, iterations=2_000),
        claim=_one_potential,
        tries=Try("beta", 400.0, "Set β to 400.", "The cloud is wider, and μ still meets the exact one.", _grows),
    ),
    Scene(
        "vortex_lattice",
        "A superfluid rotates by making holes",
        "It makes vortices, all turning one way: about Ωr² within r. They carry 90 % of a solid body's rotation.",
        CondensateConfig(start="turbulent", beta=500.0, rotation=0.8, iterations=2_500),
        claim=_turns,
        tries=Try("rotation", 0.6, "Drag Ω to 0.6.", "Slower, with fewer vortices: 9.", _fewer),
    ),
)
