"""`grantway dev`: a whole Grantway on this machine, as the real processes, for as long as the command runs.

Things stop in the reverse of the order in which they start: the gateway first, so that it can finish what it has begun,
then the core, then the store.
"""

from contextlib import ExitStack, suppress
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from grantway.cli.banner import print_banner
from grantway.cli.children import running
from grantway.cli.config import DevSettings
from grantway.cli.core import open_core
from grantway.cli.demo_client import create_demo_client, still_good
from grantway.cli.dev_env import DEV_ENV, DevEnv, read_dev_env, reserved_dev_env
from grantway.cli.embedded_valkey import EmbeddedValkeyError, running_valkey
from grantway.cli.failures import EXIT_USAGE, CommandFailed
from grantway.cli.output import print_lines, print_warning
from grantway.cli.ports import refuse_unusable_ports
from grantway.cli.programs import programs
from grantway.cli.readiness import wait_until_ready
from grantway.cli.settings_check import wrong_settings
from grantway.cli.temporary_data import temporary_data
from grantway.cli.watch import ChildEnded, Stopped, Watch

_STOP_SECONDS = 10
"""How long the gateway, and then the core, may take to finish what they have begun."""


def dev(
    *,
    data: Annotated[
        str | None, typer.Option("--data", metavar="DIR", help="Keep the data in DIR; without it they go.")
    ] = None,
) -> None:
    """Run a whole Grantway on this machine.

    An embedded Valkey (unless GRANTWAY_REDIS_URL names a store), the core and the gateway, with a demo client whose
    credentials go to .grantway/dev.env.
    """
    core_and_gateway = programs()
    settings = DevSettings.from_env(check=partial(wrong_settings, core_and_gateway))
    if data is not None and settings.redis_url:
        msg = "--data is for the embedded Valkey, but GRANTWAY_REDIS_URL names another store: give one of the two"
        raise CommandFailed("invalid_request", msg, exit_code=EXIT_USAGE)
    refuse_unusable_ports(settings)
    directory = None if data is None else _made(data)
    try:
        with Watch() as watch, ExitStack() as stack:
            redis_url, store = _start_store(settings, directory, watch, stack)
            _start_processes(settings, core_and_gateway, redis_url, watch, stack)
            keeps_data = data is not None or bool(settings.redis_url)
            file = stack.enter_context(reserved_dev_env(settings.http_port))
            env = _demo_client(settings, read_dev_env(file) if keeps_data else None)
            # What the file says is of no use once the client is gone with the data.
            stack.enter_context(env.published(file, keep=keeps_data))
            if file != DEV_ENV:
                print_warning(f"another grantway dev runs here and has {DEV_ENV}: for this one there is {file}")
            print_banner(settings, env, file, store=store)
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


def _made(data: str) -> Path:
    """The directory that --data names, made when it does not exist."""
    # pathlib takes nothing for the working directory.
    problem = "" if data else "names no directory"
    try:
        Path(data).mkdir(mode=0o700, parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        problem = "is not a directory"
    except OSError as error:
        problem = f"cannot be created ({error.strerror})"
    if problem:
        raise typer.BadParameter(problem, param_hint="--data")
    return Path(data)


def _start_store(settings: DevSettings, data: Path | None, watch: Watch, stack: ExitStack) -> tuple[str, str]:
    """The URL of the store, and what people are told of it."""
    if settings.redis_url:
        return settings.redis_url, "the one of GRANTWAY_REDIS_URL"
    directory = data or stack.enter_context(temporary_data())
    valkey = stack.enter_context(running_valkey(directory, persist=data is not None, pause=watch.pause))
    watch.add(valkey.child)
    kept = f"data in {data}" if data else "data go when it stops (keep: --data)"
    return valkey.url, f"embedded Valkey, {kept}"


def _start_processes(
    settings: DevSettings, core_and_gateway: tuple[str, str], redis_url: str, watch: Watch, stack: ExitStack
) -> None:
    """Starts the core and the gateway, and waits until they can be used."""
    environ = {
        # There is no load balancer that would have to notice that the gateway is about to stop.
        "GRANTWAY_DRAIN_SECONDS": "0",
        "GRANTWAY_ISSUER": settings.issuer,
        **settings.environ,
        "GRANTWAY_HTTP_HOST": settings.http_host,
        "GRANTWAY_HTTP_PORT": str(settings.http_port),
        "GRANTWAY_GRPC_HOST": settings.grpc_host,
        "GRANTWAY_GRPC_PORT": str(settings.grpc_port),
        "GRANTWAY_GRPC": settings.core,
        "GRANTWAY_REDIS_URL": redis_url,
    }
    # Both start at the same time: the gateway waits for the core by itself.
    for name, program in zip(("the core", "the gateway"), core_and_gateway, strict=True):
        full_name = f"{name} ({Path(program).name})"
        child = stack.enter_context(running(full_name, [program], stop_seconds=_STOP_SECONDS, environ=environ))
        watch.add(child)
    wait_until_ready(settings, watch.pause)


def _demo_client(settings: DevSettings, known: DevEnv | None) -> DevEnv:
    """The demo client: the *known* one of the last run where the store still knows it, else a new one."""
    with open_core(settings.core, admin_token=settings.admin_token, tls=settings.tls) as core:
        if known is not None and still_good(core, known):
            client_id, client_secret = known.client_id, known.client_secret
        else:
            client_id, client_secret = create_demo_client(core)
    return DevEnv(url=settings.url, grpc=settings.core, client_id=client_id, client_secret=client_secret)
