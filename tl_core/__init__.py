"""Thaw: decide how to transfer a pretrained model, with evidence from your own data."""

__version__ = "0.1.0"
