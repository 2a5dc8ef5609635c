# SPDX-License-Identifier: Apache-2.0
"""The trade between false matches and refusals as a picture: a DET curve."""

from __future__ import annotations

from pathlib import Path
from statistics import NormalDist
from typing import Final

import numpy as np

from kiosk.auth.face.comparisons import Numbers
from kiosk.auth.face.evaluation import Evaluation
from kiosk.errors import ConfigurationError, EnvironmentProblem, FailureCode

SUFFIXES: Final = (".png", ".svg", ".pdf")
_TICKS: Final = (1e-5, 1e-4, 3e-4, 1e-3, 1e-2, 0.05, 0.1, 0.2, 0.4, 0.6)
_LIMITS: Final = (1e-5, 0.8)
_LEAST_REFUSED: Final = 1e-3


def check_plot_name(file: Path) -> None:
    """Refuse a name that no picture can be written under, before the work and not after it."""
    if file.suffix.lower() not in SUFFIXES:
        detail = f"--plot writes {', '.join(SUFFIXES)}, not {file.name}"
        raise ConfigurationError(FailureCode.CONFIG_INVALID, detail=detail)
    if not file.absolute().parent.is_dir():
        raise EnvironmentProblem(FailureCode.FOLDER_MISSING, detail=f"there is no folder for {file.name}")


def draw(found: Evaluation, file: Path) -> bool:
    """Write the curve; False where one kind of pair is missing, which leaves nothing to draw."""
    accuracy = found.accuracy
    if not len(accuracy.genuine) or not len(accuracy.impostor):
        return False
    # imported here: nobody else pays for it. The canvas is named, so that no screen is asked for.
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415
    from matplotlib.figure import Figure  # noqa: PLC0415

    figure = Figure(figsize=(7, 6.5), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    fmr, fnmr = accuracy.curve()
    axes.plot(_paper(fmr), _paper(fnmr), color="#0017c1", label=f"{len(fmr)} thresholds")
    if found.fmr is not None and found.fnmr is not None:
        here = [_paper(np.array([rate.value])) for rate in (found.fmr, found.fnmr)]
        label = f"at the threshold {found.threshold:.4f}"
        axes.plot(here[0], here[1], "o", color="#ec0000", label=label, clip_on=False)
    places = _paper(np.array(_TICKS))
    names = [f"{tick:g}" for tick in _TICKS]
    axes.set_xticks(places, names, rotation=45)
    axes.set_yticks(places, names)
    low, high = _paper(np.array(_LIMITS))
    axes.set_xlim(low, high)
    axes.set_ylim(_paper(np.array([_LEAST_REFUSED]))[0], high)
    axes.set_xlabel("false match rate (different people taken for one; at the left edge: none)")
    axes.set_ylabel("false non-match rate (one person not confirmed)")
    people, images = found.labels.people, len(found.labels.images)
    pairs = f"{len(accuracy.genuine)} + {len(accuracy.impostor)} pairs"
    axes.set_title(
        f"{people} people, {images} pictures, {pairs}, mean of {found.wish.probe_images}", fontsize=10
    )
    axes.grid(visible=True, alpha=0.3)
    axes.legend(loc="lower left")
    try:
        figure.savefig(file)
    except OSError as error:
        raise EnvironmentProblem(FailureCode.FOLDER_MISSING, detail=f"cannot write {file.name}") from error
    return True


def _paper(rates: Numbers) -> Numbers:
    """Where rates lie on paper ruled for normal distributions."""
    normal = NormalDist()
    return np.array([normal.inv_cdf(min(max(float(rate), _LIMITS[0]), 1 - 1e-6)) for rate in rates])
