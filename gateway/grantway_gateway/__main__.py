"""`grantway-gateway`: runs one gateway until SIGTERM or SIGINT.

Exit codes: 0 stopped as asked, 2 wrong settings (one line for each on standard error).
"""

import os
import sys

# gRPC reads this when it is imported. What it would write to standard error is not JSON; what matters of it comes
# as errors of calls.
os.environ.setdefault("GRPC_VERBOSITY", "NONE")

import uvloop

from grantway_gateway.config import BadSettings, Settings
from grantway_gateway.logs import configure_logs
from grantway_gateway.serve import listen, serve

_WRONG_SETTINGS = 2


def main() -> None:
    """Entry point of the program."""
    try:
        settings = Settings.from_env()
        listener = listen(settings)
    except BadSettings as error:
        for problem in error.problems:
            sys.stderr.write(f"grantway-gateway: {problem}\n")
        sys.exit(_WRONG_SETTINGS)
    configure_logs()
    uvloop.run(serve(settings, listener))


if __name__ == "__main__":
    main()
