"""The core's log: one JSON object per line on standard error. No secret and no token is ever given to it."""

import os
import sys

import structlog


def configure_logs() -> None:
    """Sets structlog up for this process. To be called before gRPC is used."""
    # gRPC's C core writes lines of its own that are not JSON; what they say reaches us as errors.
    os.environ.setdefault("GRPC_VERBOSITY", "NONE")
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
