"""`grantway-server`: runs one core until SIGTERM or SIGINT.

Exit codes: 0 stopped as asked, 2 wrong settings (one line for each on standard error).
"""

import asyncio
import os
import signal

# gRPC reads this when it is imported. What it would write to standard error is not JSON; what matters of it comes
# as errors of calls.
os.environ.setdefault("GRPC_VERBOSITY", "NONE")

import uvloop

from grantway.process.logs import configure_logs, log_loop_error
from grantway.process.settings import BadSettings
from grantway_server.config import Settings
from grantway_server.serve import running_core


async def _serve(settings: Settings) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(log_loop_error)
    for signal_number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(signal_number, stop.set)
    async with running_core(settings):
        await stop.wait()


def main() -> None:
    """Entry point of the program."""
    try:
        settings = Settings.from_env()
        configure_logs()
        uvloop.run(_serve(settings))
    except BadSettings as error:
        error.exit("grantway-server")


if __name__ == "__main__":
    main()
