"""The demos and their scenes, as text."""

from __future__ import annotations

from collections.abc import Iterable

from demos.command_line import PROGRAM
from demos.registry import family, menu


def demo_list() -> str:
    return "\n".join(f"{name:12} {entry.title}. {entry.sentence}" for name, entry in menu().items())


def scene_list(names: Iterable[str]) -> str:
    """The scenes of demos, each with the command that runs it."""
    blocks = []
    for name in names:
        rows = [f"  --scene {scene.name:22} {scene.title}" for scene in family(name).scenes]
        blocks.append("\n".join([f"{PROGRAM} {name}", *rows]))
    return "\n\n".join(blocks)
