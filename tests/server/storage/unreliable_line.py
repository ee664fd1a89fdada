"""A line to a real store that breaks when a test says so: before a command arrives, or before its answer does."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from enum import Enum, auto
from pathlib import Path


class Fault(Enum):
    """What becomes of the next script."""

    NONE = auto()
    NEVER_ARRIVES = auto()
    ANSWER_IS_LOST = auto()
    ANSWER_IS_LATE = auto()


class UnreliableLine:
    """A Unix socket that leads to another one.

    Attributes:
        fault: What becomes of scripts from now on.
    """

    def __init__(self, target: Path) -> None:
        self.fault = Fault.NONE
        self._target = target
        self._connections: list[asyncio.Task[None] | None] = []

    async def closed(self) -> None:
        """Waits until all connections are closed."""
        await asyncio.gather(*(task for task in self._connections if task))

    async def connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serves one connection."""
        self._connections.append(asyncio.current_task())
        store_reader, store_writer = await asyncio.open_unix_connection(self._target)
        with suppress(ConnectionError):
            while data := await reader.read(1 << 20):
                fault = self.fault if b"EVAL" in data else Fault.NONE
                if fault is Fault.NEVER_ARRIVES:
                    break
                store_writer.write(data)
                answer = await store_reader.read(1 << 20)
                if b"NOSCRIPT" in answer:
                    fault = Fault.NONE
                if fault is Fault.ANSWER_IS_LOST:
                    break
                if fault is Fault.ANSWER_IS_LATE:
                    await asyncio.sleep(0.3)
                writer.write(answer)
        for one in (writer, store_writer):
            one.close()
            with suppress(ConnectionError):
                await one.wait_closed()


@asynccontextmanager
async def unreliable_line(directory: Path, store_url: str) -> AsyncIterator[tuple[UnreliableLine, str]]:
    """A line to the store at *store_url* (`unix://`), and the URL of its near end."""
    line, near = UnreliableLine(Path(store_url.removeprefix("unix://"))), directory / "line.sock"
    server = await asyncio.start_unix_server(line.connect, near)
    try:
        yield line, f"unix://{near}"
    finally:
        server.close()
        await line.closed()
