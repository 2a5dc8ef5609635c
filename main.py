# SPDX-License-Identifier: Apache-2.0
"""Start the kiosk; everything else is in ``kiosk.cli``."""

import sys

from kiosk.cli import main

if __name__ == "__main__":
    sys.exit(main())
