# SPDX-License-Identifier: Apache-2.0
"""Everybody who is drawn, by the key of the person."""

from __future__ import annotations

from kiosk.simulator.patients.cast_men import MEN
from kiosk.simulator.patients.cast_women import WOMEN
from kiosk.simulator.patients.face_spec import FaceSpec

CAST: dict[str, FaceSpec] = WOMEN | MEN
