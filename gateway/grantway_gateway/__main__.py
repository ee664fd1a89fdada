"""`grantway-gateway`: runs one gateway until SIGTERM or SIGINT.

Exit codes: 0 stopped as asked, 1 not installed, 2 wrong settings or arguments (one line for each on standard error).
"""

import os

# gRPC reads this when it is imported. What it would write to standard error is not JSON; what matters of it comes
# as errors of calls.
os.environ.setdefault("GRPC_VERBOSITY", "NONE")

from grantway.process.arguments import asks_for_check, refuse_missing


def main() -> None:
    """Entry point of the program."""
    only_check = asks_for_check("grantway-gateway", does="Runs one gateway until SIGTERM or SIGINT.")
    try:
        from grantway_gateway.program import run  # noqa: PLC0415 - `--help` must work where the extra is missing.
    except ModuleNotFoundError as error:
        refuse_missing(error, "grantway-gateway", extra="gateway")
    run(only_check=only_check)


if __name__ == "__main__":
    main()
