"""The web app: a router and a frame around the pages, nothing else."""

from __future__ import annotations

import streamlit as st

from pages.ui import curves, frame, language, sidebar, travel
from tl_core.i18n import _

ICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">'
    '<rect x="1" y="8" width="8" height="16" rx="2" fill="#0072B2"/>'
    '<rect x="12" y="8" width="8" height="16" rx="2" fill="#D55E00"/>'
    '<rect x="23" y="8" width="8" height="16" rx="2" fill="#E69F00"/></svg>'
)

st.set_page_config(page_title="Thaw", page_icon=ICON, layout="wide")
curves.ensure_static()
language.begin()
page = st.navigation(
    [
        st.Page("pages/start.py", title=_("Start"), default=True),
        st.Page("pages/base.py", title=_("Base")),
        st.Page("pages/data.py", title=_("Data")),
        st.Page("pages/distance.py", title=_("Distance")),
        st.Page("pages/plan.py", title=_("Plan")),
        st.Page("pages/watch.py", title=_("Watch")),
        st.Page("pages/results.py", title=_("Results")),
        st.Page("pages/tryit.py", title=_("Try it")),
        st.Page("pages/export.py", title=_("Take it away")),
        st.Page("pages/runs.py", title=_("Runs")),
        st.Page("pages/compare.py", title=_("Compare")),
        st.Page("pages/forecasts.py", title=_("Forecasts")),
        st.Page("pages/benefit.py", title=_("Head start")),
        st.Page("pages/storage.py", title=_("Storage")),
        st.Page("pages/cards.py", title=_("Cards")),
        st.Page("pages/learn.py", title=_("Learn")),
        st.Page("pages/inside.py", title=_("Look inside")),
    ],
    position="hidden",
)
st.session_state.setdefault("frame", True)
frame.resume()
travel.begin()
with st.sidebar:
    sidebar.draw()
with st.container(width=frame.CHARTS_PX), frame.border():
    page.run()
travel.arrived(page.url_path)
