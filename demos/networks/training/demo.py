"""A network that trains, as the dashboard, the command line and the shared tests see it."""

from __future__ import annotations

from importlib.resources import files

from demos.contract import Demo
from demos.networks.training.code import code
from demos.networks.training.config import TrainingConfig
from demos.networks.training.run import run
from demos.networks.training.scenes import SCENES
from demos.networks.training.tables import charts

EQUATIONS = {
    "sgd": r"\theta_{k+1} = \theta_k - \eta\,g_k",
    "momentum": r"v_{k+1} = \mu v_k + g_k,\qquad \theta_{k+1} = \theta_k - \eta\,v_{k+1}",
    "adam": r"\theta_{k+1} = \theta_k - \eta\,\hat m_k \big/ \big(\sqrt{\hat v_k} + \varepsilon\big)",
    "adamw": r"\theta_{k+1} = (1 - \eta\lambda)\theta_k - \eta\,\hat m_k \big/ \big(\sqrt{\hat v_k} + \varepsilon\big)",
    "muon": r"W_{k+1} = W_k - \eta\,\sqrt{\max(1, m/n)}\;U V^{\mathsf T},\qquad U\Sigma V^{\mathsf T} = m_k",
    "lars": r"W_{k+1} = W_k - \eta\,\frac{|W_k|}{|g_k|}\,g_k\quad\text{in each layer}",
}

DEMO = Demo(
    name="training",
    title="Train live",
    sentence="A network learns under the monitor: its function, how far each layer moves, and the doctor's findings.",
    equation=lambda config: EQUATIONS[config.optimizer],
    config=TrainingConfig,
    run=run,
    scenes=SCENES,
    code=code,
    explanation=files("demos.networks.training").joinpath("explanation.md").read_text(encoding="utf-8"),
    charts=charts,
)
