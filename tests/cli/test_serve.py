from __future__ import annotations

import os
import socket
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tl_core import files
from tl_core.cli import serve
from tl_core.errors import InputError

ROOT = Path(__file__).parents[2]


def test_the_app_of_a_checkout_lies_beside_the_package() -> None:
    assert serve.find_app() == ROOT / "app.py"


def test_an_installation_without_the_app_says_so(
    monkeypatch: pytest.MonkeyPatch, thaw: Callable[..., Any]
) -> None:
    monkeypatch.setattr(files, "app_dir", lambda: None)
    monkeypatch.setattr(os, "execv", lambda path, command: pytest.fail("a server was started"))
    outcome = thaw("app")
    assert outcome.code == 2
    assert "not installed" in outcome.err


def test_the_server_listens_to_this_computer_only() -> None:
    command = serve.serve_command(Path("/x/app.py"), port=8501, browser=True)
    assert command[:5] == [sys.executable, "-m", "streamlit", "run", "/x/app.py"]
    assert "--server.address=127.0.0.1" in command
    assert "--server.headless=false" in command
    assert "--server.port=8501" in command


def test_the_next_free_port_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as taken:
        taken.bind((serve.ADDRESS, 0))
        taken.listen()
        monkeypatch.setattr(serve, "FIRST_PORT", taken.getsockname()[1])
        assert serve.free_port() > serve.FIRST_PORT
        monkeypatch.setattr(serve, "PORTS", 1)
        with pytest.raises(InputError, match="all taken") as caught:
            serve.free_port()
    assert "--port" in caught.value.issues[0].fix


def test_nothing_is_offered_to_developers() -> None:
    settings = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text())
    assert settings["logger"]["hideWelcomeMessage"] is True
    assert settings["client"]["toolbarMode"] == "viewer"


def test_the_address_can_be_set_for_a_container(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STREAMLIT_SERVER_ADDRESS", "0.0.0.0")
    command = serve.serve_command(Path("/x/app.py"), port=9000, browser=False)
    assert "--server.address=0.0.0.0" in command
    assert "--server.port=9000" in command
    assert "--server.headless=true" in command


def test_thaw_app_becomes_the_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, thaw: Callable[..., Any]
) -> None:
    became: list[Any] = []
    monkeypatch.setattr(serve, "find_app", lambda: tmp_path / "app.py")
    monkeypatch.setattr(os, "execv", lambda path, command: became.append((path, command)))
    monkeypatch.setattr(os, "chdir", became.append)
    outcome = thaw("app", "--no-browser", "--port", "8765")
    assert outcome.code == 0
    assert "http://127.0.0.1:8765" in outcome.err
    folder, (path, command) = became
    assert folder == tmp_path
    assert path == sys.executable
    assert "--server.port=8765" in command
    assert (tmp_path / "static").is_dir()
