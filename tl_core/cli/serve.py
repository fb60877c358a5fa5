"""`thaw app`: starts the web app, for this computer only."""

from __future__ import annotations

import contextlib
import os
import socket
import sys
from pathlib import Path
from typing import Annotated

import typer

from tl_core import files
from tl_core.cli import output
from tl_core.errors import InputError, Issue
from tl_core.i18n import N_, _

ADDRESS = "127.0.0.1"
FIRST_PORT, PORTS = 8501, 100  # the usual one of Streamlit, and how many more are tried


def add_to(thaw: typer.Typer) -> None:
    """Register the command."""
    thaw.command("app", help=N_("Start the web app in the browser."))(app)


def app(
    port: Annotated[
        int | None,
        typer.Option(
            "--port",
            min=1,
            max=65535,
            show_default=False,
            help=N_("Port; a free one if not given."),
        ),
    ] = None,
    browser: Annotated[
        bool, typer.Option("--browser/--no-browser", help=N_("Open a browser window."))
    ] = True,
) -> None:
    """Replace this process by the server, so that signals reach it directly."""
    script = find_app()
    with contextlib.suppress(OSError):  # the server looks for it once, before any page can make it
        (script.parent / "static").mkdir(exist_ok=True)
    os.chdir(script.parent)  # the configuration lies beside the app, wherever that is
    port = port or free_port()
    command = serve_command(script, port=port, browser=browser)
    output.say(_("Thaw is at {url} until you press Ctrl-C.").format(url=f"http://{ADDRESS}:{port}"))
    os.execv(command[0], command)


def free_port() -> int:
    """Return the first port that nobody listens at.

    Raises:
        InputError: if all that are tried are taken.
    """
    for port in range(FIRST_PORT, FIRST_PORT + PORTS):
        with socket.socket() as asked:
            asked.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with contextlib.suppress(OSError):
                asked.bind((ADDRESS, port))
                return port
    message = _("The ports {first} to {last} are all taken.")
    raise InputError(
        [
            Issue(
                "port",
                message.format(first=FIRST_PORT, last=FIRST_PORT + PORTS - 1),
                _("Name a free one with --port."),
            )
        ]
    )


def find_app() -> Path:
    """Return the app's script: beside this package in a checkout, inside it in a wheel.

    Raises:
        InputError: if it is in neither place.
    """
    folder = files.app_dir()
    if folder is not None:
        return folder / "app.py"
    raise InputError(
        [Issue("app", _("The web app is not installed."), _("Install Thaw from a whole wheel."))]
    )


def serve_command(script: Path, *, port: int, browser: bool) -> list[str]:
    """Return the command that serves `script`; anything else stands in its config.toml."""
    options = {
        "server.address": os.environ.get("STREAMLIT_SERVER_ADDRESS", ADDRESS),
        "server.headless": str(not browser).lower(),
        "server.port": str(port),
    }
    flags = [f"--{name}={value}" for name, value in options.items()]
    return [sys.executable, "-m", "streamlit", "run", str(script), *flags]
