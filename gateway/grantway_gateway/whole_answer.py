"""An answer leaves whole: head and body in one write.

uvicorn writes them one after the other, a system call and a packet more for every answer, and looks in every header for
what would split it. Ours are made of fixed texts and numbers. Both together were a fifth of what a token costs here.
"""

from http import HTTPStatus

from starlette.types import Message
from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

_STATUS_LINES = {status: b"HTTP/1.1 %d %s\r\n" % (status, status.phrase.encode()) for status in HTTPStatus}


class WholeAnswer:
    """ASGI's `send` for one request, in the place of uvicorn's: takes a start with a Content-Length, then one body."""

    __slots__ = ("_cycle", "_head")

    def __init__(self, cycle: RequestResponseCycle) -> None:
        self._cycle = cycle
        self._head = b""

    async def __call__(self, message: Message) -> None:
        """Keeps the start, and writes all when the body is there."""
        cycle = self._cycle
        if message["type"] == "http.response.start":
            lines = [_STATUS_LINES[message["status"]]]
            for name, value in (*cycle.default_headers, *message["headers"]):
                lines += (name, b": ", value, b"\r\n")
            lines.append(b"\r\n" if cycle.keep_alive else b"connection: close\r\n\r\n")
            self._head = b"".join(lines)
            cycle.response_started = True
            return
        if cycle.flow.write_paused and not cycle.disconnected:
            await cycle.flow.drain()
        if cycle.disconnected:
            return
        body = b"" if cycle.scope["method"] == "HEAD" else message["body"]
        cycle.transport.write(self._head + body)
        cycle.response_complete = True
        cycle.message_event.set()
        if not cycle.keep_alive:
            cycle.transport.close()
        cycle.on_response()
