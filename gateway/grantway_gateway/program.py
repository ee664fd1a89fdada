"""What the program `grantway-gateway` does once its command line is read."""

import uvloop

from grantway.process.logs import configure_logs
from grantway.process.settings import BadSettings
from grantway_gateway.config import Settings
from grantway_gateway.serve import serve


def run(*, only_check: bool) -> None:
    """Runs a gateway; or, with *only_check*, ends at once if its settings are right."""
    try:
        settings = Settings.from_env()
        if only_check:
            return
        configure_logs()
        uvloop.run(serve(settings))
    except BadSettings as error:
        error.exit("grantway-gateway")
