# SPDX-License-Identifier: Apache-2.0
"""The end of every command: an exit status, and one sentence where something went wrong."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable
from pathlib import Path

import kiosk
from kiosk.commands.console import EXIT_BROKEN, EXIT_NO, EXIT_USAGE, Console, give_up_output
from kiosk.errors import FailureCode, KioskError

EXIT_INTERRUPTED = 130
EXIT_PIPE_CLOSED = 141

_ROOT = Path(kiosk.__file__).resolve().parents[1]


_STATUS = {
    FailureCode.CONFIG_MISSING: EXIT_USAGE,
    FailureCode.CONFIG_INVALID: EXIT_USAGE,
    FailureCode.SCENARIO_UNKNOWN: EXIT_USAGE,
    FailureCode.SCENARIO_INVALID: EXIT_USAGE,
    FailureCode.HANDOVER_NOT_A_DEMO: EXIT_USAGE,
    FailureCode.STAFF_CODE_WRONG: EXIT_NO,
    FailureCode.STAFF_UNKNOWN: EXIT_NO,
}


def exit_status(code: FailureCode) -> int:
    """How a command ends with that failure, as ``docs/failure-codes.md`` has it."""
    return _STATUS.get(code, EXIT_BROKEN)


def guarded(console: Console, command: Callable[[], int]) -> int:
    """Run a command and return its exit status; no exception passes."""
    try:
        try:
            return command()
        except KioskError as error:
            console.failure(error.code, error.detail)
            return exit_status(error.code)
        except ImportError as error:
            missing = _missing_part(error)
            if missing is None:
                return _unexpected(console, error)
            console.failure(FailureCode.DEPENDENCY_MISSING, missing)
            return EXIT_BROKEN
        except BrokenPipeError:
            raise
        except Exception as error:  # the outermost boundary: people are told, not shown the inside
            return _unexpected(console, error)
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        give_up_output()
        return EXIT_PIPE_CLOSED


def _missing_part(error: ImportError) -> str | None:
    """What has to be installed, in plain words; None where a part of the kiosk itself is not there."""
    name = (error.name or "").partition(".")[0]
    if name == "kiosk" or not name:
        return None
    if isinstance(error, ModuleNotFoundError):
        return f"The Python package {name} is not installed"
    library = next((word for word in str(error).replace(":", " ").split() if ".so" in word), "")
    needed = f": it needs {Path(library).name}, which is not there" if library else ""
    return f"The Python package {name} cannot be loaded{needed}"


def _unexpected(console: Console, error: Exception) -> int:
    if console.debug:
        traceback.print_exception(error, file=sys.stderr)
    # only kind and place: the text of a foreign exception may quote anything
    detail = f"Something went wrong inside the program: {type(error).__name__} at {_place(error)}"
    console.failure(FailureCode.INTERNAL, detail)
    return EXIT_BROKEN


def _place(error: Exception) -> str:
    """The innermost line of our own that was passed, as ``module:line``."""
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        file = Path(frame.filename)
        if file.is_relative_to(_ROOT / "kiosk"):
            return f"{'.'.join(file.relative_to(_ROOT).with_suffix('').parts)}:{frame.lineno}"
    return "an unknown place"
