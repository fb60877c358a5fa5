"""Watching a run: tidy curves, detectors, and the sentence that says how it is going."""
