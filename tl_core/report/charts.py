"""Every chart under one name: figures as plotly JSON, and what they show in words."""

from tl_core.report.counts import class_counts_alt, class_counts_figure
from tl_core.report.distance import distance_alt, distance_figure
from tl_core.report.forecasts import forecasts_alt, forecasts_figure
from tl_core.report.learning import accuracy_alt, accuracy_figure, loss_alt, loss_figure
from tl_core.report.reference import Reference, of_the_head
from tl_core.report.volume import volume_alt, volume_figure

__all__ = [
    "Reference",
    "accuracy_alt",
    "accuracy_figure",
    "class_counts_alt",
    "class_counts_figure",
    "distance_alt",
    "distance_figure",
    "forecasts_alt",
    "forecasts_figure",
    "loss_alt",
    "loss_figure",
    "of_the_head",
    "volume_alt",
    "volume_figure",
]
