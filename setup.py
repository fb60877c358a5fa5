"""Put the web app into the wheel; everything else about the package stands in pyproject.toml."""

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

ROOT = Path(__file__).parent
APP_PARTS = ("app.py", "pages", ".streamlit", "sample_data")
"""They lie beside `tl_core` in a checkout and under `tl_core/_app` in a wheel."""


class BuildWithApp(build_py):
    """Build the package, then copy the app into it (an editable installation uses the checkout)."""

    def run(self) -> None:
        super().run()
        if self.editable_mode:
            return
        target = Path(self.build_lib) / "tl_core" / "_app"
        shutil.rmtree(target, ignore_errors=True)
        target.mkdir(parents=True)
        for part in APP_PARTS:
            if (ROOT / part).is_dir():
                ignored = shutil.ignore_patterns("__pycache__", "secrets.toml")
                shutil.copytree(ROOT / part, target / part, ignore=ignored)
            elif (ROOT / part).is_file():
                shutil.copy2(ROOT / part, target / part)


setup(cmdclass={"build_py": BuildWithApp})
