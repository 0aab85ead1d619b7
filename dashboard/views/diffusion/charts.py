"""The tabs under the picture of /diffusion. Each chart is computed when its tab is opened."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import pandas as pd

from dashboard.frame.studies import draw_tabs
from dashboard.views.diffusion import charts_samples, charts_score
from dashboard.views.diffusion.training import draw_training
from demos.diffusion.config import DiffusionConfig


def _training(config: DiffusionConfig, tables: Mapping[str, pd.DataFrame]) -> None:
    draw_training(config)


TABS = {
    "Distances": charts_samples.draw_distances,
    "Exact distances": charts_samples.draw_exact_distances,
    "Cost": charts_samples.draw_cost,
    "The bridge": charts_score.draw_bridge,
    "Modes": charts_samples.draw_modes,
    "Likelihood": charts_score.draw_likelihood,
    "Training": _training,
    "Score error": charts_score.draw_score_error,
    "Paths": charts_samples.draw_paths,
    "Guidance": charts_samples.draw_guidance,
}


def draw_charts(config: DiffusionConfig, tables: Mapping[str, pd.DataFrame]) -> None:
    """Draw all tabs. Nothing is computed for a closed tab."""
    draw_tabs({title: partial(draw, config, tables) for title, draw in TABS.items()}, "diffusion-charts")
