"""Which number format the processor is fast in."""

from __future__ import annotations

import contextlib
import ctypes
import os
from functools import cache

import torch

from tl_core import hardware
from tl_core.errors import InputError, Issue
from tl_core.i18n import _

ENVIRONMENT = "THAW_PRECISION"
_ASKED = {"fp32": "no", "bf16": "bf16"}


def device() -> torch.device:
    """Return where networks run: this process's accelerator, else the processor."""
    if torch.cuda.is_available():
        return torch.device("cuda", int(os.environ.get("LOCAL_RANK", "0")))
    return torch.device("cpu")


def mixed_precision() -> str:
    """Return `bf16` where the hardware multiplies it natively, else `no`.

    Without native support bf16 is emulated and slower than plain fp32. THAW_PRECISION, `fp32` or
    `bf16`, overrules that, so that different machines compute alike.

    Raises:
        InputError: if THAW_PRECISION is anything else.
    """
    asked = os.environ.get(ENVIRONMENT, "")
    if asked in _ASKED:
        return _ASKED[asked]
    if asked:
        message = _("THAW_PRECISION must be fp32 or bf16; got {value}.").format(value=asked)
        fix = _("Unset it to let Thaw choose what the processor is fast in.")
        raise InputError([Issue(ENVIRONMENT, message, fix)])
    if torch.cuda.is_available():
        return "bf16" if torch.cuda.is_bf16_supported() else "no"
    return "bf16" if hardware.machine().bf16 else "no"


def autocast() -> contextlib.AbstractContextManager[object]:
    """Return the context in which frozen networks are evaluated."""
    if mixed_precision() == "bf16":
        return torch.autocast(device().type, torch.bfloat16)
    return contextlib.nullcontext()


_TRIM_THRESHOLD, _MMAP_MAX = -1, -4  # parameters of mallopt(3)
_NEVER = 2**31 - 1


@cache
def keep_freed_memory() -> bool:
    """Let the C library keep memory that was freed, instead of asking the system anew.

    A layer's outputs are large, and glibc maps each such block afresh: every page of it is
    cleared by the kernel at every step. On 2 virtual cores a training step took half the time
    without that (`benchmarks/speed.json`). Does nothing where there is no glibc.
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):
        return False
    return bool(mallopt(_MMAP_MAX, 0)) and bool(mallopt(_TRIM_THRESHOLD, _NEVER))
