"""Write a run as a file; the suffix of its name says which kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from demos.common.paths import write_whole
from demos.common.progress import Progress
from demos.contract import Config, Demo, Result
from demos.export import files
from demos.export.notebook import notebook
from demos.export.standalone import standalone
from demos.picture.player.browser import image_of

Maker = Callable[[Demo, Config, Result, "Progress | None"], Mapping[str, bytes]]
"""A function that returns the bytes of each file, by what is appended to the given file name ("" for nothing)."""


def _one(make: Callable[[Demo, Config, Result], bytes]) -> Maker:
    return lambda demo, config, result, progress: {"": make(demo, config, result)}


def _each_table(make: Callable[..., bytes]) -> Maker:
    def all_of(demo: Demo, config: Config, result: Result, progress: Progress | None) -> dict[str, bytes]:
        return {f"-{name}": make(table) for name, table in files.tables_of(result).items()}

    return all_of


def _played(suffix: str) -> Maker:
    def make(demo: Demo, config: Config, result: Result, progress: Progress | None) -> dict[str, bytes]:
        return {"": image_of(result.picture, suffix, progress=progress)}

    return make


FORMATS: dict[str, Maker] = {
    ".html": _one(lambda *run: standalone(*run).encode()),
    ".npz": _one(files.npz),
    ".json": _one(files.as_json),
    ".csv": _each_table(files.csv),
    ".parquet": _each_table(files.parquet),
    ".py": _one(lambda demo, config, result: demo.code(config).encode()),
    ".ipynb": _one(notebook),
    ".gif": _played(".gif"),
    ".webp": _played(".webp"),
    ".png": _played(".png"),
}
"""The suffix of a file name -> the function that makes the file."""


def write(
    path: str | Path, demo: Demo, config: Config, result: Result, progress: Progress | None = None
) -> tuple[Path, ...]:
    """Write the result of `demo.run(config)` in the format of the suffix of `path`, and return the files written.

    .html: a standalone page. .npz: the picture's arrays. .json: settings and verdict. .py: the code. .ipynb: a
    notebook. .csv, .parquet: a file for each table; out.csv becomes out-checks.csv and so on. .gif, .webp: one
    play-through, and .png: the last frame, drawn by a headless browser on this machine.
    Raises ValueError, with one sentence, for another suffix, before anything is written; OSError if a file cannot be
    written.
    """
    path = Path(path)
    maker = FORMATS.get(path.suffix.lower())
    if maker is None:
        given = f"{path.suffix!r} is" if path.suffix else "A name without an ending is"
        raise ValueError(f"{given} not one of: {', '.join(FORMATS)}.")
    made = maker(demo, config, result, progress)
    written = []
    for name, content in made.items():
        file = path.with_name(f"{path.stem}{name}{path.suffix}")
        write_whole(file, content)
        written.append(file)
    return tuple(written)
