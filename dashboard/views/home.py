"""The home page: what this is, every demo in a sentence, and one of them running."""

import streamlit as st

from dashboard.frame.page import style
from dashboard.player.player import player
from dashboard.runtime.run import run_demo
from demos.registry import family, menu

EQUATION = r"dx = -M\,\nabla E(x,t)\,dt + \sqrt{2\,T(t)\,M}\;dW \qquad x \in C"
LIST, PICTURE = 1.0, 1.7  # relative widths

style()
st.title("Gradient Flow Lab", anchor=False)
st.html(
    '<p class="gf-sentence">One equation, one solver, many pictures: minimization, sampling, diffusion and '
    "learning are one flow down an energy, with more or less noise. Every picture stands beside its truth.</p>"
)
left, right = st.columns([LIST, PICTURE], gap="large")
with left.container(gap="medium"):
    st.latex(EQUATION)
    st.caption("E energy · M mobility · T temperature · C constraint set", text_alignment="center")
    for name, entry in menu().items():
        with st.container(key=f"demo-{name}", gap="xsmall"):
            st.page_link(f"views/{name}/page.py", label=entry.title)
            st.markdown(entry.sentence)
with right:
    first = family("langevin").default
    _, payload = run_demo(first, first.config(), compact=True, reserve=60)
    player(payload, key="home-player")
    st.caption("Langevin dynamics at its first settings: the cloud, and the exact law of the same moment.")
