"""Energy minimization of physical systems: `/energy`."""

from dashboard.frame.controls import Controls
from dashboard.frame.page import Frame
from dashboard.frame.studies import draw_charts
from dashboard.player.player import player
from dashboard.views.energy.own_data import SystemData
from demos.gradient_flow import METHODS
from demos.physics.bench.config import SEARCHES, method_label
from demos.picture.colors import method_color
from demos.registry import family

COLORS = {method_label(name): method_color(name) for name in (*METHODS, *SEARCHES)}

controls = Controls(family("energy"))
data = SystemData(controls)


def draw_controls() -> None:
    controls.draw_group("main", leave=("method",))
    controls.draw("method")
    controls.draw("step", label=controls.config.step_label)
    data.upload()
    controls.draw_rest()


frame = Frame(controls, draw_controls)
with frame.picture:
    result = frame.run(lambda payload: player(payload, key="energy-player", on_stroke=data.stroke))
frame.report(result)
if not frame.picture_only:
    with frame.below:
        draw_charts(controls.demo, controls.config, result.tables, COLORS)
frame.close()
