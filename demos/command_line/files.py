"""The files that `run` writes: one flag for each kind that `demos.export` makes."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from demos.command_line.bar import bar
from demos.common.paths import check_writable, not_written
from demos.contract import Config, Demo, Result
from demos.export import FORMATS, write

ABOUT = {
    ".html": "a page that plays the picture by itself",
    ".gif": "an animated GIF",
    ".webp": "an animated WebP",
    ".png": "a still picture",
    ".npz": "the picture's arrays",
    ".csv": "each table as CSV: FILE-checks.csv and so on",
    ".parquet": "each table as Parquet: FILE-checks.parquet and so on",
    ".py": "the code that makes this run",
    ".ipynb": "a notebook that makes this run",
}
KINDS = {f"--{suffix[1:]}": suffix for suffix in FORMATS if suffix != ".json"}
"""flag -> suffix; `--json` is defined in `run`."""


def add_flags(group: Any) -> None:
    for name, suffix in KINDS.items():
        about = ABOUT.get(suffix, f"a {suffix} file")
        group.add_argument(name, dest=name, metavar="FILE", help=f"write {about}")


def asked_files(more: dict[str, Any]) -> list[Path]:
    """The paths given by the flags. Raises ValueError, with one sentence, for a file that cannot be written."""
    found = [(name, Path(more[name])) for name in KINDS if more[name] is not None]
    for name, path in found:
        if path.suffix.lower() != KINDS[name]:
            raise ValueError(f"{name} {path}: the name of this file must end in {KINDS[name]}.")
        check_writable(path)
    return [path for _, path in found]


def written(paths: list[Path], demo: Demo, config: Config, result: Result) -> bool:
    """Write all files and print their sizes. Returns False if one could not be written; the others are written."""
    good = True
    for path in paths:
        try:
            with bar(path.name) as progress:
                files = write(path, demo, config, result, progress)
        except OSError as problem:
            print(not_written(path, problem), file=sys.stderr)
            good = False
        except (ValueError, RuntimeError) as problem:  # pyarrow or a browser is missing
            print(f"{path} cannot be written: {problem}", file=sys.stderr)
            good = False
        else:
            for file in files:
                print(f"{file}: {file.stat().st_size:,} bytes")
    return good
