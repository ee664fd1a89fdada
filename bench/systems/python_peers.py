"""Peers on Python, each in a virtual environment of its own, behind gunicorn."""

import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

from bench.loads.http import HttpLoad
from bench.stages.install import PEERS
from bench.stages.processes import free_port
from bench.stages.stage import Stage, StageBuilder, StoreBook, TokenBook
from bench.stages.store import Store
from bench.stages.workshop import Workshop
from bench.systems.peers import REFERENCES, peer_env
from bench.systems.system import Kind, System

AUTHLIB = "authlib-flask"
DJANGO_FAST = "django-oauth-toolkit-fast"

_TOKEN_TABLE = "oauth2_provider_accesstoken"  # noqa: S105 - a table's name.


class SqliteBook(TokenBook):
    """Tokens in a SQLite table.

    Args:
        database: The file.
        table: The table; a constant of this module, never input.
    """

    def __init__(self, database: Path, table: str) -> None:
        self._database = database
        self._table = table

    def reset(self) -> None:
        """See `TokenBook`."""
        with closing(sqlite3.connect(self._database, timeout=60)) as connection, connection:
            connection.execute(f"DELETE FROM {self._table}")  # noqa: S608 - see the class.

    def count(self) -> int:
        """See `TokenBook`."""
        with closing(sqlite3.connect(self._database, timeout=60)) as connection:
            (count,) = connection.execute(f"SELECT count(*) FROM {self._table}").fetchone()  # noqa: S608 - as above.
            return int(count)


def _gunicorn(folder: str, port: int, app: str, *options: str) -> list[str]:
    program = str(PEERS / folder / ".venv" / "bin" / "gunicorn")
    return [program, "--bind", f"127.0.0.1:{port}", "--worker-tmp-dir", "/dev/shm", *options, app]  # noqa: S108 - as gunicorn's documentation advises.


def _authlib(workshop: Workshop) -> Stage:
    room = workshop.room(AUTHLIB)
    store = Store.start(workshop, room)
    port = free_port()
    app = workshop.start(
        "app",
        _gunicorn("authlib-flask", port, "app:create_app()", "--threads", "4", "--keep-alive", "75"),
        log=room / "log",
        env=peer_env(port, BENCH_REDIS_URL=store.url, AUTHLIB_INSECURE_TRANSPORT="1"),
        cwd=PEERS / "authlib-flask",
    )
    app.wait_for_port(port)
    url = f"http://127.0.0.1:{port}/oauth/token"
    return Stage([store.process, app], token_url=url, book=StoreBook(store, b"token:*"))


def _django(hasher: str) -> StageBuilder:
    def build(workshop: Workshop) -> Stage:
        folder = PEERS / "django-oauth-toolkit"
        room = workshop.room(f"django-{hasher}")
        database = room / "tokens.sqlite3"
        port = free_port()
        env = peer_env(port, BENCH_DATABASE=str(database), BENCH_HASHER=hasher, DJANGO_SETTINGS_MODULE="settings")
        subprocess.run([folder / ".venv" / "bin" / "python", "prepare.py"], cwd=folder, env=env, check=True)
        app = workshop.start(
            "app",
            _gunicorn("django-oauth-toolkit", port, "wsgi:application", "--workers", "3"),
            log=room / "log",
            env=env,
            cwd=folder,
        )
        app.wait_for_port(port)
        return Stage([app], token_url=f"http://127.0.0.1:{port}/oauth/token", book=SqliteBook(database, _TOKEN_TABLE))

    return build


PYTHON_PEERS = [
    System(
        name=AUTHLIB,
        peer="authlib-flask",
        title="Authlib, Flask",
        kind=Kind.PEER,
        references=REFERENCES,
        build=_authlib,
        load=HttpLoad(),
        settings="gunicorn, one worker with four threads and keep-alive; "
        "GET the client, SET with EX per token, redis-py with hiredis",
    ),
    System(
        name=DJANGO_FAST,
        peer="django-oauth-toolkit",
        title="django-oauth-toolkit, fast hash",
        kind=Kind.PEER,
        references=REFERENCES,
        build=_django("fast"),
        load=HttpLoad(),
        settings="gunicorn, three sync workers; SQLite with WAL (it stores in SQL only), MD5PasswordHasher",
    ),
    System(
        name="django-oauth-toolkit",
        peer="django-oauth-toolkit",
        title="django-oauth-toolkit, default hash",
        kind=Kind.PEER,
        references=REFERENCES,
        build=_django("default"),
        load=HttpLoad(),
        settings="as with the fast hash, but with Django's default PBKDF2 for client secrets; one request at a time, "
        "for with five tokens a second what is only half done at the end would count",
        concurrencies=(1,),
        quick=False,
    ),
]
