"""A bare page of one slider and one picture, beside which `bench_page_latency` measures: what Streamlit itself takes.

2,000 particles of Langevin dynamics in the double well × 500 steps, written by hand; 120 frames as int16 to a component
of thirty lines; two charts, four numbers. It notes what the player notes: data-payloads counts the pictures that it
received, data-painted the frames that it painted, and the place of a slider tells the time of the frame on show.
"""

import gc
import sys
import types

import altair as alt
import numpy as np
import pandas as pd
import streamlit as st
import torch

if "bare_page_frozen" not in sys.modules:  # once: imported objects are exempt from the collection after every run
    sys.modules["bare_page_frozen"] = types.ModuleType("bare_page_frozen")
    torch.set_num_threads(1)
    gc.collect()
    gc.freeze()

PLAY = """
const PLAYERS = new WeakMap();
export default function({ data, parentElement }) {
  const root = parentElement.querySelector(".player"), time = root.querySelector("input");
  const ctx = root.querySelector("canvas").getContext("2d");
  const header = new DataView(data.buffer, data.byteOffset, 8);
  const count = header.getInt32(0, true), frames = header.getInt32(4, true);
  const places = new Int16Array(data.slice(8).buffer);
  let frame = 0;
  cancelAnimationFrame(PLAYERS.get(root));
  root.dataset.payloads = String(Number(root.dataset.payloads ?? 0) + 1);
  function draw() {
    ctx.clearRect(0, 0, 600, 600);
    ctx.fillStyle = "#336";
    for (let i = 0, k = 2 * frame * count; i < count; i++, k += 2) {
      ctx.fillRect(300 + (places[k] / 32767) * 300, 300 - (places[k + 1] / 32767) * 300, 2, 2);
    }
    time.value = String(frame);
    root.dataset.painted = String(Number(root.dataset.painted ?? 0) + 1);
    frame = (frame + 1) % frames;
    PLAYERS.set(root, requestAnimationFrame(draw));
  }
  draw();
}"""
HTML = (
    '<div class="player"><canvas width="600" height="600"></canvas><input type="range" min="0" max="119" hidden></div>'
)
COUNT, STEPS, FRAMES, H, REACH = 2_000, 500, 120, 0.01, 3.0


def run(kT: float) -> np.ndarray:
    """(FRAMES, COUNT, 2) int16 over ±REACH."""
    x, random = torch.zeros(2, COUNT), torch.Generator().manual_seed(0)
    x[0] = -1
    noise, seen, scale = torch.empty(2, COUNT), torch.empty(FRAMES, 2, COUNT), (2 * kT * H) ** 0.5
    for k in range(FRAMES * (STEPS // FRAMES)):
        gradient = torch.stack([4 * x[0] * (x[0] * x[0] - 1), 2 * x[1]])
        noise.normal_(generator=random)
        x.add_(gradient, alpha=-H).add_(noise, alpha=scale)
        if k % (STEPS // FRAMES) == 0:
            seen[k // (STEPS // FRAMES)] = x
    whole = (seen.permute(0, 2, 1) / REACH * 32767).clamp(-32767, 32767)
    return whole.to(torch.int16).contiguous().numpy()


st.set_page_config(layout="wide")
player = st.components.v2.component("bare_player", html=HTML, js=PLAY)
percent = st.slider("kT, %", 1, 100, 25, key="bare-temperature", bind="query-params")
places = run(percent / 100)
left, right = st.columns([2, 1])
with left:
    player(data=np.array([COUNT, FRAMES], "<i4").tobytes() + places.tobytes(), key="bare-player", height=620)
with right:
    counts, edges = np.histogram(places[-1, :, 0] / 32767 * REACH, 60, (-REACH, REACH))
    table = pd.DataFrame({"x": (edges[1:] + edges[:-1]) / 2, "n": counts})
    st.altair_chart(alt.Chart(table).mark_bar().encode(x="x", y="n"), key="bars")
    st.altair_chart(alt.Chart(table).mark_line().encode(x="x", y="n"), key="line")
    for i in range(4):
        st.metric(f"bin {i}", f"{counts[i]:.2f}")
