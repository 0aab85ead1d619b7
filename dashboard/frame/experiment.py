"""The experiment of a scene ("Try …"): which one the visitor follows, whether it is done, and its place on the page."""

from __future__ import annotations

import streamlit as st

from dashboard.frame.controls import Controls
from dashboard.frame.glossary import explained
from demos.contract import Config, Scene


def followed(controls: Controls) -> Scene | None:
    """The scene whose experiment (`tries`) the visitor follows; None where there is none.

    That is a scene whose config differs from the present one at most in the field of its experiment. A scene that is
    shown itself and has an experiment comes first.
    """
    shown = controls.scene
    if shown is not None and shown.tries is not None:
        return shown
    for scene in controls.demo.scenes:
        if scene.tries is not None and _differ_only_by(scene.tries.field, scene.config, controls.config):
            return scene
    return None


def is_done(scene: Scene, config: Config) -> bool:
    """Whether the config has the value that the experiment of the scene asks for."""
    return scene.tries is not None and getattr(config, scene.tries.field) == scene.tries.value


def _differ_only_by(name: str, base: Config, config: Config) -> bool:
    """Whether `config` is `base` with another value of this field at most."""
    return type(base) is type(config) and all(
        getattr(base, other) == getattr(config, other) for other in config.controls() if other != name
    )


def draw_experiment(controls: Controls) -> None:
    """Draw the experiment that the visitor follows: its instruction, its control, and a button that does it."""
    scene = followed(controls)
    place = st.container(key="try", gap="xsmall")
    if scene is None or scene.tries is None:
        place.html('<span class="gf-none"></span>')
        return
    experiment, done = scene.tries, is_done(scene, controls.config)

    def do_or_undo() -> None:
        controls.put(scene.config)
        if not done:
            controls.change(**{experiment.field: experiment.value})

    words = f"<b>{'Tried' if done else 'Try'}</b> {explained(experiment.instruction)}"
    place.html(f'<p class="gf-try">{words}</p>')
    controls.place_control(experiment.field, place.container(key="raised", gap=None))
    place.button(
        "Back" if done else "Do it", key=controls.key("try-it"), on_click=do_or_undo, type="tertiary",
        icon=":material/undo:" if done else ":material/play_arrow:",
    )  # fmt: skip
