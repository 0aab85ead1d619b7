"""A small app around the player, for the tests of the player within Streamlit. `?case=` chooses the picture."""

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import streamlit as st

from dashboard.player.player import player
from tests.browser.player_clouds import picture_of

st.set_page_config(layout="wide")
case = st.query_params.get("case", "cloud")
runs = st.session_state["runs"] = st.session_state.get("runs", 0) + 1
left, right, _ = st.columns([1, 1, 4])
left.button("Rerun")
if right.button("New seed"):
    st.session_state["seed"] = st.session_state.get("seed", 0) + 1
drop = player(
    picture_of(case, st.session_state.get("seed", 0), st.context.is_embedded),
    key="player",
    height=int(st.query_params["height"]) if "height" in st.query_params else "content",
    on_click=lambda place: st.session_state.update(last=place),
    on_stroke=lambda stroke: st.session_state.update(stroke=stroke),
    on_pick=lambda pick: st.session_state.update(pick=pick),
)
last = st.session_state.get("last")
st.text(f"Runs: {runs}")
st.text(f"Click: {last.panel} {last.x:.4f} {last.y:.4f}" if last else "Click: none")
st.text(f"Click of this run: {drop is not None}")
stroke, pick = st.session_state.get("stroke"), st.session_state.get("pick")
if stroke:
    st.text(f"Stroke: {json.dumps(stroke)}")
st.text(f"Pick: {json.dumps(pick)}")
