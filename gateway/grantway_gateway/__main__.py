"""`grantway-gateway`: runs one gateway until SIGTERM or SIGINT.

Exit codes: 0 stopped as asked, 2 wrong settings (one line for each on standard error).
"""

import os

# gRPC reads this when it is imported. What it would write to standard error is not JSON; what matters of it comes
# as errors of calls.
os.environ.setdefault("GRPC_VERBOSITY", "NONE")

import uvloop

from grantway.process.logs import configure_logs
from grantway.process.settings import BadSettings
from grantway_gateway.config import Settings
from grantway_gateway.serve import serve


def main() -> None:
    """Entry point of the program."""
    try:
        settings = Settings.from_env()
        configure_logs()
        uvloop.run(serve(settings))
    except BadSettings as error:
        error.exit("grantway-gateway")


if __name__ == "__main__":
    main()
