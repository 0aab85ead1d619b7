"""The home page, `/`: what the project is, the equation that all demos share, and a gallery of the demos.

It imports no demo, so that it is shown before torch is imported.
"""

import streamlit as st

from dashboard.frame.style import style
from dashboard.views.home.gallery import gallery

EQUATION = r"dx = -M\,\nabla E(x,t)\,dt + \sqrt{2\,T(t)\,M}\;dW \qquad x \in C"

style()
with st.container(key="home-head", gap="xsmall"):
    st.title("Gradient Flow Lab", anchor=False)
    left, right = st.columns([1.0, 1.0], gap="large", vertical_alignment="center")
    left.html(
        '<p class="gf-sentence">One equation, one solver, many pictures: minimization, sampling, diffusion and '
        "learning are one flow down an energy, with more or less noise. Every picture stands beside its truth.</p>"
    )
    with right.container(gap="xsmall"):
        st.latex(EQUATION)
        st.caption(
            "E energy · M mobility · T temperature · C constraint set: each page below has its own.",
            text_alignment="center",
        )
gallery()
