"""How verdicts are put to the test: break the engine and see who notices; leave it whole and see who complains."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import cache, lru_cache
from typing import Any

import numpy as np
import pytest
import torch

from demos.contract import Config, Demo, Scene, State, Verdict
from demos.gradient_flow import GradientFlow, Trajectory, solve
from demos.gradient_flow.together import stacked
from demos.picture.payload.write import encode

ALARM = (State.DIFFERS, State.NOT_COMPARABLE)


@dataclass(frozen=True)
class Mutation:
    """One way in which an engine can be wrong.

    apply: breaks it, with a monkeypatch that mends it afterwards. matters: whether the picture of a scene is wrong
    then; a mutation of the noise does not matter to a scene without noise. reason: for scenes left out, why.
    """

    name: str
    apply: Callable[[pytest.MonkeyPatch], None]
    matters: Callable[[Demo, Scene], bool] = lambda demo, scene: True


def replace_everywhere(monkeypatch: pytest.MonkeyPatch, original: Any, new: Any) -> int:
    """Put `new` wherever a module of the project holds `original` by some name; how many places that were."""
    places = 0
    for name, module in list(sys.modules.items()):
        if name.split(".")[0] in ("demos", "dashboard") and module is not None:
            for key, value in list(vars(module).items()):
                if value is original:
                    monkeypatch.setattr(module, key, new)
                    places += 1
    return places


def recorded(change: Callable[[torch.Tensor], torch.Tensor]) -> Callable[[pytest.MonkeyPatch], None]:
    """A mutation that replaces what the solver has recorded: states (F, N, ...) -> like it."""

    def apply(monkeypatch: pytest.MonkeyPatch) -> None:
        def broken(*arguments: Any, **named: Any) -> Trajectory:
            return changed(solve(*arguments, **named))

        def all_broken(*arguments: Any, **named: Any) -> list[Trajectory | None]:
            return [path and changed(path) for path in stacked(*arguments, **named)]

        def changed(path: Trajectory) -> Trajectory:
            return replace(path, states=change(path.states))

        assert replace_everywhere(monkeypatch, solve, broken)
        assert replace_everywhere(monkeypatch, stacked, all_broken)

    return apply


def engine(change: Callable[[GradientFlow], GradientFlow]) -> Callable[[pytest.MonkeyPatch], None]:
    """A mutation of the flow that the solver gets; what stands beside it is computed from the right one."""

    def apply(monkeypatch: pytest.MonkeyPatch) -> None:
        def broken(flow: GradientFlow, *arguments: Any, **named: Any) -> Trajectory:
            return solve(change(flow), *arguments, **named)

        def all_broken(flow: GradientFlow, *arguments: Any, **named: Any) -> list[Trajectory | None]:
            return stacked(change(flow), *arguments, **named)

        assert replace_everywhere(monkeypatch, solve, broken)
        assert replace_everywhere(monkeypatch, stacked, all_broken)

    return apply


def returned(function: Callable[..., Any], change: Callable[[Any], Any]) -> Callable[[pytest.MonkeyPatch], None]:
    """A mutation of what `function` returns. The function itself is whole, so all these mutations share its value."""

    def apply(monkeypatch: pytest.MonkeyPatch) -> None:
        right = remembered(function)
        assert replace_everywhere(monkeypatch, function, lambda *arguments: change(right(*arguments)))

    return apply


@cache
def remembered(function: Callable[..., Any]) -> Callable[..., Any]:
    """A pure function of a config, perhaps a name, and a report of progress, which is dropped: its latest values are
    kept. What it returns must not be changed in place."""
    latest = lru_cache(maxsize=4)(function)
    return lambda *arguments: latest(*(value for value in arguments if not callable(value)))


def noise(states: torch.Tensor) -> torch.Tensor:
    """Plain normal numbers, as wide as what they replace."""
    generator = torch.Generator().manual_seed(1)
    spread = states.flatten(1).std(1).nan_to_num(1.0).reshape(-1, *[1] * (states.ndim - 1))
    return spread * torch.randn(states.shape, generator=generator, dtype=states.dtype)


def frozen(states: torch.Tensor) -> torch.Tensor:
    """The start, in every frame."""
    return states[:1].expand_as(states).clone()


def shuffled(states: torch.Tensor) -> torch.Tensor:
    """The frames in another order."""
    return states[torch.randperm(len(states), generator=torch.Generator().manual_seed(1))]


def one_point(states: torch.Tensor) -> torch.Tensor:
    """All members where the first one is."""
    return states[:, :1].expand_as(states).clone()


def alarms(verdict: Verdict) -> set[str]:
    """The rows about the picture that raise an alarm, by name."""
    return {row.name for row in verdict.rows if row.state in ALARM}


def noticed(whole: Verdict, demo: Demo, config: Config) -> set[str]:
    """What notices that the engine is broken now: rows that raise an alarm and did not in the `whole` run."""
    forget_self_tests()
    try:
        broken = demo.run(config).verdict
    except (ValueError, FloatingPointError, ZeroDivisionError) as problem:
        return {f"refused: {problem}"}
    finally:
        forget_self_tests()
    return alarms(broken) - alarms(whole)


def forget_self_tests() -> None:
    """What is kept of the code's tests of itself: what a broken engine left there would be told of a whole one."""
    for name, module in list(sys.modules.items()):
        if name.startswith("demos.") and name.endswith(".self_tests"):
            for value in vars(module).values():
                if hasattr(value, "cache_clear"):
                    value.cache_clear()


# honesty ----------------------------------------------------------------------------------------------------------


def random_configs(
    demo: Demo, count: int, seed: int = 0, changes: int = 4, own_seeds: bool = False
) -> Iterator[Config]:
    """Valid configs: the default or a scene, with one to `changes` fields drawn anew within their limits; `own_seeds`:
    each with another seed, for z-scores of runs that share their noise are not independent."""
    rng, seeds = np.random.default_rng(seed), np.random.default_rng([seed, 1])
    bases = [demo.config(), *(scene.config for scene in demo.scenes)]
    found = 0
    while found < count:
        base = bases[rng.integers(len(bases))]
        names = rng.permutation(list(demo.config.controls()))[: rng.integers(1, changes + 1)]
        given = {str(name): _drawn(demo, str(name), rng) for name in names}
        if own_seeds and "seed" in demo.config.controls():
            given["seed"] = int(seeds.integers(2**31))
        config, refused = demo.config.read(given, base)
        if refused:
            continue
        found += 1
        yield config


def _drawn(demo: Demo, name: str, rng: np.random.Generator) -> Any:
    control = demo.config.controls()[name]
    match control.kind:
        case "number" | "whole":
            low, high = control.low, control.high
            if control.scale == "log" and low > 0:
                value = float(np.exp(rng.uniform(math.log(low), math.log(high))))
            else:
                value = float(rng.uniform(low, high))
            value = min(high, max(low, float(f"{value:.3g}")))
            return round(value) if control.kind == "whole" else value
        case "choice":
            return str(rng.choice(list(control.options)))
        case "several":
            size = int(rng.integers(0, control.most + 1))
            return tuple(str(v) for v in rng.permutation(list(control.options))[:size])
        case "flag":
            return bool(rng.integers(2))
    return demo.config.__dataclass_fields__[name].default


@dataclass
class Tally:
    """What the rows of many unharmed runs say."""

    runs: int = 0
    with_truth: int = 0  # runs with a row about the picture that has a truth or a prediction
    rows: int = 0
    states: dict[str, int] = field(default_factory=dict)
    reds: list[str] = field(default_factory=list)
    z: dict[str, list[float]] = field(default_factory=dict)

    def add(self, demo: Demo, config: Config) -> None:
        self.count(run_of(demo, config))

    def count(self, run: dict[str, Any]) -> None:
        """A run as `run_of` gives it."""
        self.runs += 1
        self.with_truth += any(row["truth"] is not None or row["predicted"] is not None for row in run["rows"])
        for row in run["rows"]:
            self.rows += 1
            self.states[row["state"]] = self.states.get(row["state"], 0) + 1
            if row["state"] == State.DIFFERS:
                values = f"{row['measured']:.6g}, {row['truth']}, {row['predicted']}, z {row['z']}"
                self.reds.append(f"{run['query']}: {row['name']} {values}")
            explained = row["state"] == State.PREDICTED and row["predicted"] is None  # what is expected has no number
            compared = row["state"] != State.NOT_COMPARABLE and not explained and not row["bound"]
            if compared and row["z"] is not None and row.get("by_chance", True):
                self.z.setdefault(row["name"].partition(" · ")[0], []).append(row["z"])


def run_of(demo: Demo, config: Config) -> dict[str, Any]:
    """An unharmed run in plain values: its config, and every row about its picture, which can be encoded."""
    result = demo.run(config)
    encode(result.picture)
    rows = [
        {
            "name": row.name,
            "state": str(row.state),
            "z": row.z if math.isfinite(row.z) else None,
            "measured": row.measured,
            "truth": row.truth,
            "predicted": row.predicted,
            "bound": row.bound,
            # where the floor is larger than the standard error, not chance decides how far off a row is
            "by_chance": bool(row.floor <= math.hypot(row.uncertainty, row.predicted_error)),
        }
        for row in result.verdict.rows
    ]
    return {"query": config.query(), "rows": rows}


WORK_A_SECOND = {"langevin": 2.5e7, "diffusion": 4e8}  # of a config's `work`, where it does not say seconds


def seconds(demo: Demo, config: Any) -> float:
    """About how long the run itself takes; 0 where its demo does not know, because none of its runs is long."""
    if hasattr(config, "seconds"):
        return config.seconds()
    return config.work / WORK_A_SECOND[demo.name] if demo.name in WORK_A_SECOND else 0.0
