"""What the program `grantway-gateway` does once its command line is read."""

import uvloop

from grantway.process.logs import configure_logs
from grantway.process.settings import BadSettings
from grantway.process.unknown_variables import log_unknown_variables, print_unknown_variables
from grantway_gateway.config import Settings
from grantway_gateway.serve import serve


def run(*, only_check: bool) -> None:
    """Runs a gateway; or, with *only_check*, ends at once if its settings are right."""
    try:
        settings = Settings.from_env()
        if only_check:
            print_unknown_variables("grantway-gateway")
            return
        configure_logs()
        log_unknown_variables()
        uvloop.run(serve(settings))
    except BadSettings as error:
        error.exit("grantway-gateway")
