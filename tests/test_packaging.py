"""What is installed from a wheel is whole: it runs far away from the checkout."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import tomllib
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
BUILT_FROM = (
    "app.py", "pages", ".streamlit", "sample_data", "tl_core", "pyproject.toml", "setup.py",
    "MANIFEST.in", "README.md", "LICENSE",
)  # fmt: skip


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel from a copy (a build leaves files behind) and install it to a folder."""
    work = tmp_path_factory.mktemp("wheel")
    source = work / "source"
    source.mkdir()
    for part in BUILT_FROM:
        if (ROOT / part).is_dir():
            ignored = shutil.ignore_patterns("__pycache__", "_app")
            shutil.copytree(ROOT / part, source / part, ignore=ignored)
        elif (ROOT / part).is_file():
            shutil.copy2(ROOT / part, source / part)
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
    offline = ["--no-deps", "--no-index"]
    build = ["wheel", *offline, "--no-build-isolation", "--wheel-dir", work, source]
    subprocess.run([*pip, *build], check=True, capture_output=True)
    (wheel,) = work.glob("thaw-*.whl")
    target = work / "target"
    subprocess.run([*pip, "install", *offline, "--target", target, wheel], check=True)
    return target


def thaw(installed: Path, cwd: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the installed command line away from the checkout."""
    return subprocess.run(
        [sys.executable, "-m", "tl_core.cli", *arguments],
        cwd=cwd,
        env=environment(installed, cwd),
        capture_output=True,
        text=True,
    )


def environment(installed: Path, cwd: Path) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(installed), "THAW_HOME": str(cwd / "home")}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answer(url: str, server: subprocess.Popen[bytes], *, tries: int = 300) -> bytes:
    """Return what a server that is still starting answers once it does."""
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    for _ in range(tries):
        assert server.poll() is None, "the server has ended"
        try:
            with direct.open(url, timeout=10) as response:
                return bytes(response.read())
        except urllib.error.URLError:
            time.sleep(0.1)
    raise TimeoutError(url)


def relative_files(folder: Path, *patterns: str) -> set[str]:
    found = {p for pattern in patterns for p in folder.rglob(pattern) if p.is_file()}
    return {p.relative_to(folder).as_posix() for p in found if "__pycache__" not in p.parts}


def test_the_wheel_holds_every_file_of_the_app(installed: Path) -> None:
    app = installed / "tl_core" / "_app"
    assert (app / "app.py").is_file()
    assert (app / ".streamlit" / "config.toml").is_file()
    for part in ("pages", "sample_data"):
        assert relative_files(app / part, "*") == relative_files(ROOT / part, "*")


def test_the_wheel_holds_every_data_file_of_the_core(installed: Path) -> None:
    patterns = ("*.py", "*.toml", "*.txt", "*.json", "*.pot", "*.po")
    found = {
        f for f in relative_files(installed / "tl_core", *patterns) if not f.startswith("_app/")
    }
    assert found == relative_files(ROOT / "tl_core", *patterns)


def test_the_installed_command_line_runs_away_from_the_checkout(
    installed: Path, tmp_path: Path
) -> None:
    helped = thaw(installed, tmp_path, "--help")
    assert helped.returncode == 0, helped.stderr
    assert "doctor" in helped.stdout
    told = thaw(installed, tmp_path, "doctor", "--json")
    assert told.returncode == 0, told.stderr
    report = json.loads(told.stdout)
    assert report["app"] == str(installed / "tl_core" / "_app" / "app.py")


def test_the_installed_app_is_served_away_from_the_checkout(
    installed: Path, tmp_path: Path
) -> None:
    port = free_port()
    options = ["--no-browser", "--port", str(port)]
    with (tmp_path / "log").open("wb") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "tl_core.cli", "app", *options],
            cwd=tmp_path,
            env=environment(installed, tmp_path),
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    with server:
        try:
            assert answer(f"http://127.0.0.1:{port}/_stcore/health", server) == b"ok"
        finally:
            server.terminate()
    told = (tmp_path / "log").read_text()
    assert f"http://127.0.0.1:{port}" in told
    assert "Traceback" not in told
    assert "WARNING" not in told


def test_every_dependency_is_pinned_and_within_its_bounds() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lines = (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines()
    pins = [Requirement(line) for line in lines if line and not line.startswith("#")]
    pinned = {canonicalize_name(pin.name): pin for pin in pins}
    assert all([s.operator for s in pin.specifier] == ["=="] for pin in pins)
    for text in project["dependencies"] + project["optional-dependencies"]["dev"]:
        wanted = Requirement(text)
        (exact,) = pinned[canonicalize_name(wanted.name)].specifier
        assert wanted.specifier.contains(exact.version), text
