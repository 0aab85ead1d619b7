"""Score-based diffusion: `/diffusion`."""

from dashboard.frame.controls import Controls
from dashboard.frame.page import Frame
from dashboard.player.player import Drop, player
from dashboard.views.diffusion.charts import draw_charts
from dashboard.views.diffusion.drawing import Drawing
from dashboard.views.diffusion.training import train_here
from demos.diffusion.config import POINTS, WORD
from demos.registry import family

MAIN = ("data", "word", "points", "score", "network", "training_steps", "sampler", "evaluations")

controls = Controls(family("diffusion"))
config = controls.config
drawing = Drawing(controls, "diffusion-drawing")


def dropped(drop: Drop) -> None:
    """The player's callback of a click: follow a point of noise from there, and its neighbours."""
    controls.change(probe=True, probe_x=round(drop.x, 3), probe_y=round(drop.y, 3))


def stop() -> None:
    """The callback of the training's Stop button: go back to the last picture's config, or else to the exact score."""
    controls.put(frame.last_good or config.replace(score="exact"))


def draw_controls() -> None:
    controls.draw("data")
    if config.data == WORD:
        controls.draw("word")
    if config.data == POINTS or not frame.picture_only:
        drawing.upload()
    controls.draw("score")
    if config.score != "exact":
        if config.data not in (WORD, POINTS):
            controls.draw("network")
        if config.network == "trained" or config.data in (WORD, POINTS):
            controls.draw("training_steps")
    controls.draw("sampler")
    controls.draw("evaluations")
    controls.draw_rest(leave=MAIN)


frame = Frame(controls, draw_controls)
with frame.picture:
    train_here(config, frame.surround, stop)
    show = lambda payload: player(payload, key="diffusion-player", on_click=dropped, on_stroke=drawing.stroke)
    result = frame.run(show)
frame.report(result)
if not frame.picture_only:
    with frame.below:
        draw_charts(config, result.tables)
frame.close()
