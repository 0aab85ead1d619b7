"""The home page: what this is, and every demo in a sentence."""

import streamlit as st

from dashboard.parts.page import style
from demos.registry import demos

EQUATION = r"dx = -M\,\nabla E(x,t)\,dt + \sqrt{2\,T(t)\,M}\;dW \qquad x \in C"

style()
with st.container(width=860, gap="medium"):
    st.title("Gradient Flow Lab", anchor=False)
    st.html(
        '<p class="gf-sentence">One equation, one solver, many pictures: minimization, sampling, diffusion and '
        "learning are one flow down an energy, with more or less noise. Every picture stands beside its truth.</p>"
    )
    st.latex(EQUATION)
    st.caption("E energy · M mobility · T temperature · C constraint set", text_alignment="center")
    for name, demo in demos().items():
        with st.container(key=f"demo-{name}", gap="xsmall"):
            st.page_link(f"views/{name}.py", label=demo.title)
            st.markdown(demo.sentence)
