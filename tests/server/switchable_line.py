"""A line to one of several stores: where a core finds its primary, before a failover and after it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress


class SwitchableLine:
    """A port of loopback that leads to another one.

    Attributes:
        port: Where it is.
    """

    def __init__(self, target: int) -> None:
        self.port = 0
        self._target = target
        self._connections: set[asyncio.Task[None] | None] = set()

    def switch(self, target: int) -> None:
        """From now on it leads to *target*; what is connected is cut off."""
        self._target = target
        for connection in self._connections:
            if connection is not None:
                connection.cancel()

    async def connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serves one connection."""
        task = asyncio.current_task()
        self._connections.add(task)
        with suppress(OSError, asyncio.CancelledError):
            there, back = await asyncio.open_connection("127.0.0.1", self._target)
            try:
                async with asyncio.TaskGroup() as both:
                    both.create_task(_pump(reader, back))
                    both.create_task(_pump(there, writer))
            finally:
                back.close()
        writer.close()
        self._connections.discard(task)


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while data := await reader.read(1 << 16):
            writer.write(data)
            await writer.drain()
    writer.close()


@asynccontextmanager
async def switchable_line(target: int) -> AsyncIterator[SwitchableLine]:
    """A line that leads to the port *target* at first."""
    line = SwitchableLine(target)
    server = await asyncio.start_server(line.connect, "127.0.0.1", 0)
    line.port = server.sockets[0].getsockname()[1]
    try:
        yield line
    finally:
        server.close()
        line.switch(target)
