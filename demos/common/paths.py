"""Files that are written whole or not at all, and checks, before a long computation, that they can be written."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

PROBE = 4096  # bytes written as a test for a full disk


def check_writable(path: Path) -> None:
    """Raise ValueError, with one sentence, if no file can be written at `path`: it is a folder, its folder does not
    exist, there is no permission, or the disk is full. An existing file counts as writable: it will be overwritten."""
    folder = path.parent
    if path.is_dir():
        raise ValueError(f"{path} is a folder; name a file in it.")
    if not folder.is_dir():
        raise ValueError(f"{path} cannot be written: there is no folder {folder}.")
    if path.exists() and not os.access(path, os.W_OK):
        raise ValueError(f"{path} cannot be written: it is read-only.")
    if path.exists() and not path.is_file():  # a device, a pipe
        return
    try:
        with tempfile.TemporaryFile(dir=folder) as probe:
            probe.write(bytes(PROBE))
            probe.flush()
    except OSError as problem:
        raise ValueError(not_written(path, problem)) from None


def write_whole(path: Path, content: bytes) -> None:
    """Write the file under another name first, so that a full disk leaves what was there before, and no part of the
    new one; a link, a device or a pipe is written to. Raises OSError if it cannot be written."""
    if path.is_symlink() or (path.exists() and not path.is_file()):  # a link is not replaced: it may be /dev/stdout
        path.write_bytes(content)
        return
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_bytes(content)
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


def not_written(path: Path, problem: OSError) -> str:
    """The error message for a file that could not be written."""
    return f"{path} cannot be written: {(problem.strerror or str(problem)).lower()}."
