"""The command line: `thaw`. The same functions as the web app, and JSON for programs.

One JSON object goes to standard output with `--json`; everything else goes to standard error.
Exit codes: 0 done, 1 the run failed, 2 the request or the data cannot be used.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

import typer
from typer.main import get_command

from tl_core import __version__
from tl_core.cli import (
    benefit,
    catalog,
    data,
    decide,
    demo,
    doctor,
    export,
    output,
    predict,
    race,
    report,
    runs,
    serve,
    storage,
    train,
)
from tl_core.errors import InputError, Issue, ThawError
from tl_core.i18n import N_, _

FAILED = 1
UNUSABLE = 2

_thaw = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help=N_("Choose how to transfer a pretrained model, with evidence from your own data."),
)


def _show_version(wanted: bool) -> None:
    if wanted:
        output.tell(f"thaw {__version__}")
        raise typer.Exit


@_thaw.callback()
def _root(
    version: bool = typer.Option(
        False, "--version", callback=_show_version, is_eager=True, help=N_("Show the version.")
    ),
) -> None:
    """Hold the options that stand before a command."""


serve.add_to(_thaw)
doctor.add_to(_thaw)
catalog.add_to(_thaw)
data.add_to(_thaw)
decide.add_to(_thaw)
train.add_to(_thaw)
race.add_to(_thaw)
benefit.add_to(_thaw)
predict.add_to(_thaw)
export.add_to(_thaw)
report.add_to(_thaw)
runs.add_to(_thaw)
storage.add_to(_thaw)
demo.add_to(_thaw)


def main() -> NoReturn:
    """Run the command that was typed and end the process with its exit code."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Run one command line and return its exit code; what went wrong is told, not raised.

    Only defects raise: everything that a person can cause ends in words or in JSON.
    """
    as_json = "--json" in arguments
    try:
        code: Any = _translated(get_command(_thaw)).main(
            args=list(arguments), prog_name="thaw", standalone_mode=False
        )
    except InputError as error:
        output.show_issues(error.issues, as_json=as_json)
        return UNUSABLE
    except typer.TyperException as error:
        return _usage(error, as_json=as_json)
    except ThawError as error:
        output.show_failure(error, as_json=as_json)
        return FAILED
    except (typer.Abort, KeyboardInterrupt):
        output.say(_("Ended at your request."))
        return FAILED
    except BrokenPipeError:
        # Who read the output has gone; Python would complain once more while closing it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    return FAILED if code not in (None, 0, UNUSABLE) else int(code or 0)


def _translated(command: Any) -> Any:
    """Return a command with what it and its options say of themselves in the current language."""
    for told in (command, *command.params):
        if getattr(told, "help", None):
            told.help = _(told.help)
    for inner in getattr(command, "commands", {}).values():
        _translated(inner)
    return command


def _usage(error: typer.TyperException, *, as_json: bool) -> int:
    """Tell that the command line itself is wrong."""
    message = error.format_message()
    if not message.strip():  # a group without a command, which has shown its help
        return 0
    context = getattr(error, "ctx", None)
    path = context.command_path if context is not None else "thaw"
    fix = _("See what there is with: {command} --help").format(command=path)
    parameter = getattr(error, "param", None)
    field = getattr(parameter, "name", None) or getattr(error, "option_name", None) or "command"
    output.show_issues([Issue(str(field).lstrip("-"), message, fix)], as_json=as_json)
    return UNUSABLE
