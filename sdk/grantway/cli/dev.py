"""`grantway dev`: a whole Grantway on this machine, as the real processes, for as long as the command runs.

Things stop in the reverse of the order in which they start: the gateway first, so that it can finish what it has begun,
then the core, then the store.
"""

import tempfile
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Annotated

import typer

from grantway.cli.banner import print_banner
from grantway.cli.children import running
from grantway.cli.config import DevSettings
from grantway.cli.core import open_core
from grantway.cli.demo_client import create_demo_client, still_good
from grantway.cli.dev_env import DEV_ENV, DevEnv, read_dev_env
from grantway.cli.embedded_valkey import EmbeddedValkeyError, running_valkey
from grantway.cli.failures import CommandFailed
from grantway.cli.output import print_lines
from grantway.cli.ports import refuse_unusable_ports
from grantway.cli.programs import programs
from grantway.cli.readiness import wait_until_ready
from grantway.cli.watch import ChildEnded, Stopped, Watch

_STOP_SECONDS = 10
"""How long the gateway, and then the core, may take to finish what they have begun."""


def dev(
    *,
    data: Annotated[
        Path | None, typer.Option("--data", metavar="DIR", help="Keep the data in DIR; without it they go.")
    ] = None,
) -> None:
    """Run a whole Grantway on this machine.

    An embedded Valkey (unless GRANTWAY_REDIS_URL names a store), the core and the gateway, with a demo client whose
    credentials go to .grantway/dev.env.
    """
    settings = DevSettings.from_env()
    refuse_unusable_ports(settings)
    try:
        with Watch() as watch, ExitStack() as stack:
            _start(settings, data, watch, stack)
            watch.pause()
    except Stopped:
        # Whoever reads our output may be gone as well.
        with suppress(OSError):
            print_lines(["Stopped."])
    except ChildEnded as ended:
        status = ended.child.process.returncode
        how = f"was killed by signal {-status}" if status < 0 else f"ended with exit code {status}"
        raise CommandFailed("server_error", f"{ended.child.name} {how}; everything else was stopped") from None
    except EmbeddedValkeyError as error:
        raise CommandFailed("server_error", str(error)) from None


def _start(settings: DevSettings, data: Path | None, watch: Watch, stack: ExitStack) -> None:
    server, gateway = programs()
    redis_url, store = settings.redis_url, "the one of GRANTWAY_REDIS_URL"
    if not redis_url:
        directory = data or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="grantway-")))
        valkey = stack.enter_context(running_valkey(directory, persist=data is not None))
        watch.add(valkey.child)
        redis_url = valkey.url
        store = f"embedded Valkey, data in {data}" if data else "embedded Valkey, data go when it stops (keep: --data)"
    environ = {
        # There is no load balancer that would have to notice that the gateway is about to stop.
        "GRANTWAY_DRAIN_SECONDS": "0",
        **settings.environ,
        "GRANTWAY_HTTP_HOST": settings.http_host,
        "GRANTWAY_HTTP_PORT": str(settings.http_port),
        "GRANTWAY_GRPC_HOST": settings.grpc_host,
        "GRANTWAY_GRPC_PORT": str(settings.grpc_port),
        "GRANTWAY_GRPC": settings.core,
        "GRANTWAY_REDIS_URL": redis_url,
    }
    for name, program in (("the core (grantway-server)", server), ("the gateway (grantway-gateway)", gateway)):
        child = running(name, [program], stop_seconds=_STOP_SECONDS, environ=environ)
        watch.add(stack.enter_context(child))
    # Both start at the same time: the gateway waits for the core by itself.
    wait_until_ready(settings, watch)
    keeps_data = data is not None or bool(settings.redis_url)
    print_banner(settings, _credentials(settings, keeps_data=keeps_data), store=store)


def _credentials(settings: DevSettings, *, keeps_data: bool) -> DevEnv:
    """The demo client, in the file: the one of the last run where the store still knows it, else a new one."""
    known = read_dev_env(DEV_ENV) if keeps_data else None
    with open_core(settings.core) as core:
        if known is not None and still_good(core, known):
            client_id, client_secret = known.client_id, known.client_secret
        else:
            client_id, client_secret = create_demo_client(core)
    env = DevEnv(url=settings.url, grpc=settings.core, client_id=client_id, client_secret=client_secret)
    env.write(DEV_ENV)
    return env
