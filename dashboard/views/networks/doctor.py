"""The doctor on /networks: its findings about the networks of the picture, and about a visitor's own run.json."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from dashboard.frame import vega
from dashboard.frame.markdown import plain
from demos.common.numbers import counted, number
from demos.networks import Report, RunFileError, diagnose, parse_run
from demos.networks.monitor import Run

MEGABYTES = 50
ICONS = {"alarm": ":material/error:", "warning": ":material/warning:", "note": ":material/info:"}
HEALTHY, REACH = -3.0, 3.0  # log10 of the usual |Δθ|/|θ|, and the decades on both sides of it that the map shows
MOST_COLUMNS = 120  # a map of more steps shows every n-th
CAPTION = (
    'monitor.save("run.json") of demos.networks.GradientFlowMonitor writes it. It is read as numbers and words: '
    "nothing in it is executed, and nothing is kept after this visit."
)


def draw_findings(findings: pd.DataFrame) -> None:
    """Draw the findings as a list. Columns: severity, code, layer, evidence, cause, fix, measured, predicted, and
    network where there are several."""
    if findings.empty:
        st.markdown("The doctor has nothing to report.")
        return
    for row in findings.to_dict("records"):
        who = f"{plain(str(row['network']))}: " if row.get("network") else ""
        lines = [f"{ICONS[row['severity']]} **{who}{row['severity']}, {plain(row['code'].replace('_', ' '))}** "]
        lines[0] += f"({plain(row['layer'])}). {plain(row['evidence'])}"
        if row["predicted"] == row["predicted"] and row["predicted"] is not None:
            lines.append(f"Theory {number(row['predicted'])}, measured {number(row['measured'])}.")
        lines.append(f"*Cause:* {plain(row['cause'])}. *Fix:* {plain(row['fix'])}" if row["cause"] else "")
        st.markdown("  \n".join(filter(None, lines)))


def draw_own_run(key: str) -> None:
    """Draw the upload widget, and the doctor's report about the uploaded file."""
    st.caption(plain(CAPTION))
    file = st.file_uploader("run.json", type=["json"], key=key, label_visibility="collapsed", max_upload_size=MEGABYTES)
    if file is None:
        return
    try:
        run = parse_run(file.getvalue())
        report = diagnose(run)
    except RunFileError as problem:
        st.warning(plain(str(problem)))
        return
    _draw_report(run, report)


def _draw_report(run: Run, report: Report) -> None:
    steps = f"{run.total_steps:,} step{'s' if run.total_steps != 1 else ''}"
    st.markdown(f"**{plain(report.model)}**, {steps}, {counted(len(run.layers), 'layer')}; " + plain(_optimizers(run)))
    draw_findings(report.to_frame())
    for note in report.notes:
        st.caption(plain(note))
    left, right = st.columns([3, 2])
    with left:
        _draw_steps(run)
    with right:
        _draw_losses(run)


def _optimizers(run: Run) -> str:
    words = [
        f"{each.name}, lr = {each.settings['lr']:g}" if "lr" in each.settings else each.name for each in run.optimizers
    ]
    return "; ".join(words) or "no optimizer watched"


def step_map(run: Run) -> pd.DataFrame:
    """The map's table for the layers with a weight matrix. Columns step, layer, order (of the layer) and y, which is
    log10 of |Δθ|/|θ| over 10⁻³, clipped to ±3."""
    rows = [i for i, layer in enumerate(run.layers) if layer.matrix]
    thin = slice(None, None, max(1, len(run.steps) // MOST_COLUMNS))
    with np.errstate(divide="ignore", invalid="ignore"):
        values = np.log10(run.ratio()[thin][:, rows]) - HEALTHY
    steps = np.array(run.steps)[thin]
    names = [run.layers[i].name for i in rows]
    frame = pd.DataFrame(
        {
            "step": np.repeat(steps, len(rows)),
            "layer": np.tile(names, len(steps)),
            "order": np.tile(np.arange(len(rows)), len(steps)),
            "y": np.clip(values, -REACH, REACH).ravel(),
        }
    )
    return frame[np.isfinite(frame["y"])]


def _draw_steps(run: Run) -> None:
    frame = step_map(run)
    if frame.empty:
        return
    sentence = "Step over weight, |Δθ| / |θ|, in decades beside the usual 10⁻³: blue layers stand still."
    chart = vega.layer(
        "steps",
        vega.columns_of(frame),
        {"type": "rect"},
        x={"field": "step", "type": "ordinal", "title": "step", "axis": {"labelOverlap": True}},
        y={"field": "layer", "type": "ordinal", "title": "layer", "sort": {"field": "order", "order": "descending"}},
        color={
            "field": "y",
            "type": "quantitative",
            "title": "decades",
            "scale": {"scheme": "redblue", "domain": [REACH, -REACH]},
        },
    )
    vega.draw(chart, sentence, "Step over weight")
    st.caption(sentence)


def _draw_losses(run: Run) -> None:
    points = [(step, value) for step, value in run.losses if np.isfinite(value)]
    if not points:
        st.caption("The run has no losses: call monitor.log(loss) in the loop.")
        return
    frame = pd.DataFrame(points, columns=["step", "loss"])
    frame = frame.iloc[:: max(1, len(frame) // 600)].assign(series="loss")
    chart = vega.layer(
        "losses",
        vega.columns_of(frame),
        {"type": "line", "clip": True},
        x=vega.quantity("step", "step"),
        y=vega.quantity("loss", "loss"),
        color=vega.colors({"loss": 0}),
    )
    vega.draw(chart, f"The logged loss over {int(frame['step'].iloc[-1]):,} steps.", "Loss")
