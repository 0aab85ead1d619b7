"""Clouds over a landscape, and every picture of these tests by its name."""

from functools import cache

import numpy as np

from demos.picture import Arrows, Curve, Field, Markers, Panel, Picture, Points, Readout
from demos.picture.payload import encode
from tests.browser.player_pictures import PICTURES, clock

X, Y = np.linspace(-2.1, 2.1, 96), np.linspace(-1.4, 1.4, 64)
WELLS = (("left", "right"), lambda x: (x[..., 0] > 0).astype(int))


def walk(seed: int, count: int, frames: int, step: float, thin: int, kT: float = 0.3) -> np.ndarray:
    """Euler–Maruyama in the double well (x² − 1)² + y², all particles from the saddle: (frames, count, 2)."""
    noise = np.random.default_rng(seed)
    x = noise.normal(0, 0.12, (count, 2))
    path = [x]
    for _ in range(frames - 1):
        for _ in range(thin):
            force = -np.stack([4 * x[:, 0] * (x[:, 0] ** 2 - 1), 2 * x[:, 1]], -1)
            x = x + step * force + np.sqrt(2 * kT * step) * noise.normal(size=x.shape)
        path.append(x)
    return np.array(path)


def energy() -> np.ndarray:
    return np.minimum((X**2 - 1) ** 2 + Y[:, None] ** 2, 4.0)


def landscape(path: np.ndarray, title: str = "", color: int = -1, labelled: bool = True) -> Panel:
    names, label = WELLS
    gx, gy = np.meshgrid(np.linspace(-1.9, 1.9, 15), np.linspace(-1.2, 1.2, 10))
    force = -np.stack([4 * gx * (gx**2 - 1), 2 * gy], -1).reshape(-1, 2)
    colours = {"labels": label(path), "label_names": names} if labelled else {}
    return Panel(
        (-2.1, 2.1), (-1.4, 1.4),
        [
            Field("energy U", energy(), contours=10, opacity=0.7),
            Arrows("force −∇U", np.stack([gx, gy], -1).reshape(-1, 2), force),
            Points("particles", path, trail=14, trails=24, trail_shown=False, **colours),
            Markers("stationary points", np.array([[-1, 0], [1, 0], [0, 0]]), ["−1", "+1", "saddle"],
                    ["minimum", "minimum", "saddle"]),
        ],
        title=title, x_label="x", y_label="y", equal=True, color=color, clickable=True,
    )  # fmt: skip


def histogram(path: np.ndarray, kT: float = 0.3) -> Panel:
    edges = np.linspace(-2.1, 2.1, 43)
    counts = np.array([np.histogram(frame[:, 0], edges, density=True)[0] for frame in path])
    x = np.linspace(-2.1, 2.1, 400)
    exact = np.exp(-((x**2 - 1) ** 2) / kT)
    exact /= exact.sum() * (x[1] - x[0])
    return Panel(
        (-2.1, 2.1), (0, 1.4),
        [Curve("measured", edges, counts, stepped=True, filled=True, color=0), Curve("exact", x, exact)],
        title="Marginal in x", x_label="x", y_label="density", row=1, height=0.5,
    )  # fmt: skip


def wave() -> Panel:
    """A signed field that moves: a standing wave in 31 frames."""
    t = np.linspace(0, 2 * np.pi, 31)[:, None, None]
    values = np.cos(t) * np.sin(2 * X) * np.cos(2 * Y)[:, None]
    return Panel((-2.1, 2.1), (-1.4, 1.4), [Field("height", values, colors="diverging")], title="A field that moves")


def speeds(path: np.ndarray) -> Panel:
    pace = np.linalg.norm(np.gradient(path, axis=0), axis=-1)
    layer = Points("particles", path, values=pace, value_name="speed", trail=20, trails=16)
    return Panel((-2.1, 2.1), (-1.4, 1.4), [layer], title="Coloured by a value", x_label="x", y_label="y")


@cache
def picture_of(case: str, seed: int = 0, compact: bool = False) -> bytes:
    """The bytes of a case of `?case=`; "cloud" and all unknown names are 2,000 particles in a double well."""
    if case == "many":
        path = np.cumsum(np.random.default_rng(seed).normal(0, 0.02, (200, 20_000, 2)).astype("f4"), 0)
        picture = Picture([landscape(path, "20,000 particles")], clock(200, 0.01))
    elif case == "compare":
        one, two = walk(seed, 1000, 100, 0.01, 4), walk(seed, 1000, 100, 0.06, 1)
        panels = [landscape(one, "Small steps", 0), landscape(two, "Large steps", 1)]
        energies = Readout("⟨U⟩", ((one[..., 0] ** 2 - 1) ** 2 + one[..., 1] ** 2).mean(1))
        evaluations = Readout("evaluations", np.arange(100) * 4000)
        picture = Picture([*panels, histogram(one)], clock(100, 0.04), [energies, evaluations])
    elif case == "kinds":
        path = walk(seed, 300, 90, 0.01, 2)
        picture = Picture([wave(), speeds(path)], clock(90, 0.02))
    elif case == "still":
        picture = Picture([landscape(walk(seed, 500, 2, 0.01, 100)[-1:])], clock(1, 1.0))
    elif case in PICTURES:
        picture = PICTURES[case]()
    elif case == "broken":
        return b"GFL1 and then nothing of use"
    else:
        path = walk(seed, 2000, 120, 0.01, 4)
        alt = "2,000 particles leave the saddle of a double well and gather in its two wells."
        picture = Picture([landscape(path, "Double well")], clock(120, 0.04), seconds=6, alt=alt)
    return encode(picture, compact=compact, seed=seed)
