"""`grantway-server`: runs one core until SIGTERM or SIGINT.

Exit codes: 0 stopped as asked, 2 wrong settings (one line for each on standard error).
"""

import asyncio
import signal
import sys

import uvloop

from grantway_server.config import BadSettings, Settings
from grantway_server.logs import configure_logs
from grantway_server.serve import PortTaken, running_core

_WRONG_SETTINGS = 2


async def _serve(settings: Settings) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for signal_number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(signal_number, stop.set)
    async with running_core(settings):
        await stop.wait()


def main() -> None:
    """Entry point of the program."""
    try:
        settings = Settings.from_env()
    except BadSettings as error:
        _exit_with(error.problems)
    configure_logs()
    try:
        uvloop.run(_serve(settings))
    except PortTaken:
        _exit_with(
            [f"GRANTWAY_GRPC_PORT: {settings.grpc_host}:{settings.grpc_port} cannot be listened on: choose another"]
        )


def _exit_with(problems: list[str]) -> None:
    for problem in problems:
        sys.stderr.write(f"grantway-server: {problem}\n")
    sys.exit(_WRONG_SETTINGS)


if __name__ == "__main__":
    main()
