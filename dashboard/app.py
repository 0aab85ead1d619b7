"""The dashboard's entry: page settings, process set-up, navigation. `streamlit run dashboard/app.py`."""

import os
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
# One process serves many visitors, so each gets one BLAS thread. The variables count only if they are set before NumPy
# and SciPy are imported.
for threads in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ.setdefault(threads, "1")
if str(HERE.parent) not in sys.path:  # `streamlit run` puts only this file's folder there
    sys.path.insert(0, str(HERE.parent))

import streamlit as st  # noqa: E402

from dashboard.frame.visit import visited  # noqa: E402
from dashboard.runtime.held_back import nothing_stays_back  # noqa: E402
from dashboard.runtime.resume import rehearsed  # noqa: E402
from dashboard.setup import import_behind, prepare, wait_for  # noqa: E402
from demos.registry import menu  # noqa: E402

st.set_page_config(page_title="Gradient Flow Lab", page_icon=str(HERE / "icon.svg"), layout="wide")
prepare()

pages = [st.Page(HERE / "views" / "home" / "page.py", title="Gradient Flow Lab", url_path="home", default=True)]
for name, entry in menu().items():
    pages.append(st.Page(HERE / "views" / name / "page.py", title=entry.title, url_path=name, help=entry.sentence))

page = st.navigation(pages, position="hidden" if st.context.is_embedded else "top")
visited(page.url_path)
if page.url_path in menu():  # the home page imports no demo
    wait_for(page.url_path)
with rehearsed(), nothing_stays_back():
    page.run()
import_behind()
