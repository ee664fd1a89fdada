"""A clock for what has a time to live: it never goes back, and goes on while the machine is suspended."""

import sys
import time
from functools import partial

# Linux alone has one that counts suspension. Elsewhere a cache is believed for a moment after a laptop wakes up.
elapsed_seconds = partial(time.clock_gettime, time.CLOCK_BOOTTIME) if sys.platform == "linux" else time.monotonic
"""Seconds since some moment in the past."""
