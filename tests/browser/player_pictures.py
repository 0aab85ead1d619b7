"""Pictures for player_app.py: one for each kind of thing that the player draws beyond clouds over a landscape."""

import numpy as np
from scipy.spatial import SphericalVoronoi

from demos.picture import (
    Annotation,
    Arrows,
    Cells,
    Curve,
    Field,
    Globe,
    Handles,
    Lines,
    Mark,
    Markers,
    Panel,
    Picture,
    Points,
    Readout,
    Spheres,
    Surface,
)


def clock(frames: int, step: float, label: str = "t") -> Readout:
    return Readout(label, np.arange(frames) * step)


def cluster(count: int = 38, frames: int = 90) -> Picture:
    """Balls that a random start and a common pull bring together: steepest descent with a soft repulsion."""
    noise = np.random.default_rng(3)
    size = 0.62 * count ** (1 / 3)
    x = noise.normal(0, 0.55 * size, (count, 3))
    path, energies = [], []
    for _ in range(frames):
        for _ in range(4):
            apart = x[:, None] - x[None]
            distance = np.linalg.norm(apart, axis=-1) + 1e3 * np.eye(count)
            push = np.clip(1 - distance, 0, None) - 0.25 * np.clip(1.5 - distance, 0, None) * (distance > 1)
            x = x + 0.12 * ((push / distance)[..., None] * apart).sum(1) - 0.012 / size**1.5 * x
        path.append(x)
        energies.append((distance < 1.25).sum(1))
    path = np.array(path)
    layer = Spheres("atoms", path, radius=0.36, values=np.array(energies), value_name="neighbours", bond_length=1.3)
    reach = (-1.35 * size,) * 1 + (1.35 * size,)
    panel = Panel(reach, reach, [layer], z=reach, title=f"Cluster of {count}", color=0)
    return Picture([panel], clock(frames, 0.05), [Readout("bonds", np.array(energies).sum(1) / 2)],
                   alt=f"{count} balls gather into a cluster.")  # fmt: skip


def charges(count: int, frames: int) -> np.ndarray:
    """Equal charges on the unit sphere, each pushed by all others: (frames, count, 3)."""
    x = np.random.default_rng(1).normal(size=(count, 3))
    x /= np.linalg.norm(x, axis=1, keepdims=True)
    path = [x]
    for _ in range(frames - 1):
        for _ in range(6):
            apart = x[:, None] - x[None]
            distance = np.linalg.norm(apart, axis=-1) + np.eye(count)
            force = (apart / distance[..., None] ** 3).sum(1)
            x = x + np.clip(force * 0.9 / count**1.5, -0.1, 0.1)
            x /= np.linalg.norm(x, axis=1, keepdims=True)
        path.append(x)
    return np.array(path)


def cells_of(path: np.ndarray) -> dict[str, np.ndarray]:
    """The Voronoi cells of every frame, as the layer Cells takes them."""
    corners, starts, labels, frames, used = [], [], [], [], 0
    for frame, x in enumerate(path):
        voronoi = SphericalVoronoi(x)
        voronoi.sort_vertices_of_regions()
        for region in voronoi.regions:
            corners.append(voronoi.vertices[region])
            starts.append(used)
            labels.append(np.clip(len(region) - 4, 0, 4))
            frames.append(frame)
            used += len(region)
    return {"corners": np.concatenate(corners), "starts": np.array(starts), "labels": np.array(labels),
            "frames": np.array(frames)}  # fmt: skip


def thomson(count: int = 72, frames: int = 60) -> Picture:
    path = charges(count, frames)
    cells = cells_of(path)
    names, colors = ("4", "5", "6", "7", "8"), (4, 1, -1, 0, 3)
    layers = [
        Globe("sphere"),
        Cells("cells", **cells, label_names=names, label_colors=colors),
        Spheres("charges", path, radius=0.035, color=-1),
    ]
    box = (-1.05, 1.05)
    five = np.array([(cells["labels"][cells["frames"] == f] == 1).sum() for f in range(frames)])
    captions = [f"{n} cells of five sides" for n in five]
    panel = Panel(box, box, layers, z=box, title="Thomson's problem", captions=captions, weight=1.4)
    ball = Panel(box, box, [Globe("globe", grid=True), Spheres("balls", path, radius=0.1)], z=box, title="A globe")
    return Picture([panel, ball], clock(frames, 0.1))


def film(frames: int = 80) -> Picture:
    """A catenoid whose neck narrows, and its profile."""
    z = np.linspace(-0.6, 0.6, 61)
    neck = np.linspace(0.78, 0.22, frames)
    necks = np.array([c * np.cosh(z / c) / np.cosh(0.6 / c) for c in neck])
    box = (-0.8, 0.8)
    body = Panel(box, box, [Surface("film", z, necks)], z=box, view=(30, 24), title="Soap film", weight=1.4)
    discs = Surface("discs", np.array([-0.6, -0.6, 0.6, 0.6]), np.array([0.5, 0, 0, 0.5]), color=2)
    torn = Panel(box, box, [discs, Spheres("ball", np.zeros((frames, 1, 3)), radius=0.2, color=1)], z=box, title="Torn")
    profile = Lines("profile", np.stack([necks, np.broadcast_to(z, necks.shape)], -1), width=2.5, color=-2)
    wires = Lines("wires", np.array([[-1, -0.6], [1, -0.6], [-1, 0.6], [1, 0.6]]), starts=np.array([0, 2]), width=3)
    mirror = Lines("mirror", np.stack([-necks, np.broadcast_to(z, necks.shape)], -1), width=2.5, color=-2, dashed=True)
    layers = [wires, profile, mirror]
    flat = Panel((-1.2, 1.2), (-0.8, 0.8), layers, title="Profile", x_label="r", y_label="z", equal=True)
    return Picture([body, torn, flat], clock(frames, 0.01), [Readout("neck", necks.min(1))])


def phases(size: int = 256, frames: int = 120) -> Picture:
    """A mixture that separates: patterns of waves that grow longer, between −1 and 1."""
    noise = np.random.default_rng(0)
    k = np.hypot(*np.meshgrid(np.fft.fftfreq(size) * size, np.fft.rfftfreq(size) * size, indexing="ij"))
    seed = np.fft.rfft2(noise.normal(size=(size, size)))
    fields = []
    for wave in np.geomspace(40, 9, frames):
        field = np.fft.irfft2(seed * np.exp(-(((k - wave) / (0.3 * wave)) ** 2)), s=(size, size))
        fields.append(np.tanh(2 * field / field.std()))
    field = Field("u", np.array(fields, "f4"), colors="diverging", limits=(-1, 1))
    panel = Panel((0, 100), (0, 100), [field], x_label="x", y_label="y", equal=True, title="Phase field", brush=True)
    return Picture([panel], clock(frames, 5.0))


def spins(side: int = 40, frames: int = 100) -> Picture:
    """Two vortices of opposite charge that approach each other; and a condensate's density and phase."""
    x, y = np.meshgrid(np.arange(side) + 0.5, np.arange(side) + 0.5)
    gap = np.linspace(15, 0.4, frames)
    middle = side / 2
    angle = np.array([np.arctan2(y - middle, x - middle - g) - np.arctan2(y - middle, x - middle + g) for g in gap])
    vectors = np.stack([np.cos(angle), np.sin(angle)], -1).reshape(frames, -1, 2)
    places = np.stack([np.stack([middle + gap, np.full(frames, middle)], -1),
                       np.stack([middle - gap, np.full(frames, middle)], -1)], 1)  # fmt: skip
    places[gap < 1] = np.nan
    origins = np.stack([x, y], -1).reshape(-1, 2)
    lattice = Panel((0, side), (0, side), [
        Arrows("spins", origins, vectors, shown=True, by_angle=True),
        Markers("vortices", places, ["", ""], ["plus", "minus"]),
    ], equal=True, title="Spins", captions=["two vortices" if g >= 1 else "none left" for g in gap])  # fmt: skip
    xs, ys = np.meshgrid(np.linspace(-4, 4, 128), np.linspace(-4, 4, 128))
    density = np.exp(-(xs**2 + ys**2) / 5)
    turns = np.array([np.angle(((xs - np.cos(s)) + 1j * (ys - np.sin(s))) * (xs + 1.5 + 1j * ys)) for s in
                      np.linspace(0, 6, 25)])  # fmt: skip
    at = (frames - 1) * np.linspace(0, 1, 25) ** 2
    strength = np.broadcast_to(density, turns.shape)
    phase = Field("phase", turns, colors="cyclic", at=at, strength=strength)
    cloud = Panel((-4, 4), (-4, 4), [phase], equal=True, title="Phase")
    tiles = Field("angle", angle, colors="cyclic", crisp=True)
    crisp = Panel((0, side), (0, side), [tiles], equal=True, title="Lattice")
    return Picture([lattice, cloud, crisp], clock(frames, 0.1))


def chain(frames: int = 100, links: int = 24) -> Picture:
    """Chains that swing into their catenary, circles that shrink, and an arrow field that turns."""
    s = np.linspace(-1, 1, links + 1)
    rest = 1.4 * (np.cosh(1.3 * s) / np.cosh(1.3) - 1)
    swing = np.exp(-np.linspace(0, 4, frames)) * np.cos(np.linspace(0, 22, frames))
    hanging = np.array([np.stack([s, rest * (1 - 0.5 * w) + 0.25 * w * np.sin(2 * np.pi * s)], -1) for w in swing])
    other = hanging * [0.6, 0.5] + [0.0, 0.55]
    both = np.concatenate([hanging, other], 1)
    first = Panel((-1.2, 1.2), (-1.1, 0.8), [
        Lines("chains", both, starts=np.array([0, links + 1]), dots=3.5, width=2.5, labels=np.array([0, 1]),
              label_names=("one", "two"))], title="Hanging chains", x_label="x", y_label="y", equal=True)  # fmt: skip
    around = np.linspace(0, 2 * np.pi, 60, endpoint=False)
    radii = np.sqrt(np.clip(1 - np.linspace(0, 0.98, frames), 0, None))
    circle = np.array([np.stack([r * np.cos(around), r * np.sin(around) * (1 + 0.2 * (1 - r))], -1) for r in radii])
    sets = np.concatenate([circle, 0.6 * circle], 1)
    gx, gy = np.meshgrid(np.linspace(-1, 1, 9), np.linspace(-1, 1, 9))
    flow = np.array([np.stack([gy * np.cos(a) + gx * np.sin(a), gx], -1).reshape(-1, 2)
                     for a in np.linspace(0, 6, frames)])  # fmt: skip
    second = Panel((-1.2, 1.2), (-1.1, 1.1), [
        Arrows("flow", np.stack([gx, gy], -1).reshape(-1, 2), flow, shown=True),
        Lines("level sets", sets, starts=np.array([0, 60]), closed=True, filled=True, color=-2,
              values=np.array([0.2, 0.9]), value_name="level"),
        Curve("bound", np.linspace(-1, 1, 50), -0.9 + 0.1 * np.linspace(-1, 1, 50) ** 2, dashed=True),
    ], title="Shrinking circles", equal=True)  # fmt: skip
    return Picture([first, second], clock(frames, 0.1))


def diffusion(count: int = 600, frames: int = 60, drawn: int = 0) -> Picture:
    """Noise that becomes two arcs: points to be picked, and the same data on a panel to be painted on."""
    noise = np.random.default_rng(drawn)
    turn = noise.uniform(0, np.pi, count)
    upper = np.arange(count) < count // 2
    data = np.stack([np.cos(turn) - 0.5, np.sin(turn) - 0.25], -1) * np.where(upper, 1, -1)[:, None]
    data += noise.normal(0, 0.06, (count, 2))
    start = noise.normal(size=(count, 2))
    path = np.array([start * (1 - s) + data * s + 0.3 * np.sin(np.pi * s) * start[:, ::-1] * [1, -1] for s in
                     np.linspace(0, 1, frames) ** 0.7])  # fmt: skip
    box = (-2.6, 2.6), (-2.2, 2.2)
    names = {"labels": upper.astype(int), "label_names": ("below", "above"), "label_colors": (3, 5)}
    layer = Points("samples", path, radius=3, **names)
    panels = [
        Panel(*box, [layer], title="Samples", equal=True, pickable=True),
        Panel(*box, [Points("samples", path[:, :, ::-1], radius=3, **names)], title="Another sampler", equal=True,
              pickable=True, clickable=True),
        Panel(*box, [Points("data", np.broadcast_to(data, (frames, count, 2)), radius=2.5)], title="Data", equal=True,
              brush=True),
    ]  # fmt: skip
    return Picture(panels, clock(frames, 0.02))


def notes(frames: int = 101) -> Picture:
    """A point that leaves the panel, with words at two moments, marks on the timeline, and five computed frames."""
    t = np.linspace(0, 10, frames)
    path = np.stack([t, 0.5 + 0 * t], -1)[:, None]
    words = [
        Annotation("still p_σ", 1, 0.5, frames=(0, 40)),
        Annotation("gone: it left the panel", 7.9, 0.5, (80, 100), "right"),
        Annotation("second words", 1, 0.5, frames=(0, 40)),
    ]
    panel = Panel((0, 8), (0, 1), [Points("point", path, radius=5)], title="p_σ and x^2", annotations=words)
    marks = (Mark(4.0, "4: on its way"), Mark(33.6, "33.6: forgotten"))
    return Picture([panel], Readout("t", t), marks=marks, computed=(0, 25, 50, 75, 100))


def handles() -> Picture:
    """Two points to be dragged, on the panel of drag_app.py."""
    starts = Handles("starts", [[-1.5, 0.8], [1.2, -0.7]], ("left start", "right start"))
    return Picture([Panel((-2, 2), (-1.2, 1.2), [starts], equal=True)], clock(20, 0.1))


PICTURES = {"notes": notes, "handles": handles,
            "cluster": cluster, "cluster300": lambda: cluster(300, 60), "thomson": thomson, "film": film,
            "phases": phases, "spins": spins, "chain": chain, "diffusion": diffusion}  # fmt: skip
