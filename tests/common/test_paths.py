"""Files are written whole or not at all, and links are followed."""

import errno
from pathlib import Path

import pytest

from demos.common.paths import write_whole


def test_a_full_disk_leaves_what_was_there(tmp_path, monkeypatch):
    file = tmp_path / "run.json"
    file.write_bytes(b"old")
    write = Path.write_bytes

    def full(path: Path, content: bytes) -> int:
        write(path, content[:3])
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OSError):
        write_whole(file, b"newer")
    assert file.read_bytes() == b"old" and list(tmp_path.iterdir()) == [file]
    monkeypatch.undo()
    write_whole(file, b"newer")
    assert file.read_bytes() == b"newer" and list(tmp_path.iterdir()) == [file]


def test_a_link_stays_a_link(tmp_path):
    """As /dev/stdout, which may lead to a file."""
    file, link = tmp_path / "elsewhere.json", tmp_path / "link.json"
    file.write_bytes(b"old")
    link.symlink_to(file)
    write_whole(link, b"new")
    assert link.is_symlink() and file.read_bytes() == b"new"
