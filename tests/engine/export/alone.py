"""Run a script in a Python that cannot import Thaw: `python -I alone.py SCRIPT ARGUMENT…`."""

import runpy
import sys
from importlib.abc import MetaPathFinder


class Refuse(MetaPathFinder):
    """Finds nothing of Thaw, and says so at once."""

    def find_spec(self, fullname: str, path: object = None, target: object = None) -> None:
        if fullname.partition(".")[0] in ("tl_core", "pages", "tests"):
            raise ImportError(f"{fullname} must not be needed")


sys.meta_path.insert(0, Refuse())
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")
