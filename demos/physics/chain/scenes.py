"""Scenes of the hanging chain."""

from __future__ import annotations

from demos.contract import Check, Evidence, Result, Scene, State, Try
from demos.physics.chain.config import ChainConfig
from demos.picture import Lines

PULL = "pull at a hook"


def row(result: Result, name: str) -> Check:
    """The first row whose name begins with `name`."""
    return next(check for check in result.checks if check.name.startswith(name))


def hangs(result: Result) -> Evidence:
    """The claim that every joint is within 1e-9 spans of its exact place."""
    joints, pull = row(result, "farthest joint"), row(result, PULL)
    holds = joints.agrees and joints.measured < 1e-9 and pull.agrees
    return Evidence(holds, f"joints within {joints.measured:.1e} spans, each hook holds {pull.measured:.4g} weights")


def almost_taut(result: Result) -> Evidence:
    pull = row(result, PULL)
    return Evidence(pull.agrees and f"{pull.measured:.1f}" == "15.2", f"each hook holds {pull.measured:.4g} weights")


def was_pushed(result: Result) -> Evidence:
    """The claim that every link is compressed at first, every link is under tension in the end, and the chain hangs."""
    chain = next(x for x in result.picture.panels[0].layers if isinstance(x, Lines) and x.values is not None)
    assert chain.values is not None
    first, last = chain.values[0], chain.values[-1]
    holds = bool((first < 0).all() and (last > 0).all()) and hangs(result).holds
    return Evidence(holds, f"tensions {first.min():.3g} … {first.max():.3g} at first, {last.min():.3g} … in the end")


def trembles(result: Result) -> Evidence:
    """The claim that the chain is not at rest, with a step of 1.47 times the stability limit."""
    joints, growth = row(result, "farthest joint"), row(result, "an error's growth")
    past = (1 - growth.measured) / 2
    return Evidence(joints.state is State.NOT_COMPARABLE and f"{past:.2f}" == "1.47", f"{past:.3g} × the limit")


SCENES = (
    Scene(
        "catenary",
        "Rigid links fall into one shape",
        "Rigid links in a zigzag fall until all joints balance: each ends within 10⁻⁹ spans of the exact polygon.",
        ChainConfig(),
        claim=hangs,
        tries=Try(
            "length",
            1.1,
            "Set the length to 1.1.",
            "Almost taut, each hook must hold 15.2 weights instead of 9.8.",
            almost_taut,
        ),
    ),
    Scene(
        "upturned",
        "An arch of loose links cannot stand",
        "Upside down the same shape balances too, every link pushed. A shake of a hundredth of a link brings it down.",
        ChainConfig(start="arch", links=40, length=1.5),
        claim=was_pushed,
        tries=Try(
            "seed",
            1,
            "Set the seed to 1.",
            "Another shake: it comes down another way, and hangs in the same polygon.",
            was_pushed,
        ),
        label="Arch",
    ),
    Scene(
        "trembling",
        "Too long a step never rests",
        "The step is 1.47 times the stability limit 2/L: the links stay rigid, but the chain trembles for ever.",
        ChainConfig(method="euler", step=0.01),
        claim=trembles,
        tries=Try(
            "step",
            0.005,
            "Set h to 0.005.",
            "Below the limit the chain comes to rest in the exact polygon.",
            hangs,
        ),
    ),
)
