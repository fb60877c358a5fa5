"""Lets `python -m tl_core.cli` stand for `thaw`."""

from tl_core.cli import main

main()
