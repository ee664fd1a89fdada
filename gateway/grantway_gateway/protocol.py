"""HTTP/1.1 as uvicorn and httptools speak it, made fit for the open internet.

uvicorn bounds neither the time that a request may take to come in nor the size of its head, and answers what is no
request at all in plain text. Rules:

1. A request is here, body and all, within a deadline that no trickle of bytes moves; an idle connection ends.
2. A head is bounded in bytes and in fields, a URL in bytes, before they pile up in memory.
3. What cannot be parsed gets a JSON answer like every other error; then the connection ends.
4. An answer is never written where the client would take it for the answer to another request.
5. Trailers are no headers: they are thrown away.
6. A client that has closed its side gets the answers that are due.
7. A wish to upgrade to another protocol is ignored, as Java's client wishes for HTTP/2 with every request.
"""

import asyncio
from typing import Any

import httptools
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from grantway_gateway.connection_limits import BoundedState
from grantway_gateway.oauth_errors import invalid_request, temporarily_unavailable
from grantway_gateway.responses import Response
from grantway_gateway.whole_answer import WholeAnswer

_MAX_FIELDS = 64
_MAX_HEAD_BYTES = 16 * 1024
_MAX_URL_BYTES = 4 * 1024
_MAX_CHUNKED_BYTES = 64 * 1024
"""All of a request with a chunked body: chunk extensions and trailers count for nothing else."""

_MAX_PIECE_BYTES = 16 * 1024
"""What is parsed before it is looked at whether that was too much: a read may hold several times of what is allowed."""

_MAX_PIPELINED = 16
"""Requests that may wait for the answer to the one before them. One packet can hold thousands, and each is kept."""

_LINGER_SECONDS = 1.0
"""How long the rest of a refused request is received and thrown away, so that its sender gets to read the answer."""

_MALFORMED = invalid_request("This is not a valid HTTP/1.1 request: check the client.").response()
_TOO_SLOW = invalid_request("The request did not come in time: send it faster.", status=408).response()
_URL_TOO_LONG = invalid_request("The URL is too long: send parameters in the body.", status=414).response()
_HEAD_TOO_LARGE = invalid_request("The headers are too large or too many: send fewer.", status=431).response()
_TOO_LARGE = invalid_request("The request is too large: send less.", status=413).response()
_TOO_MANY = invalid_request("Too many requests are under way on one connection: wait for answers.").response()
_OVERLOADED = temporarily_unavailable(
    "There are too many connections: try again after the time in Retry-After."
).response()


class _RefusedHead(Exception):
    """Stops the parser: the head that it reads is refused."""


class BoundedProtocol(HttpToolsProtocol):
    """One connection."""

    server_state: BoundedState

    def __init__(
        self,
        config: Config,
        server_state: BoundedState,
        app_state: dict[str, object],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._limits = server_state.limits
        self._receiving_since: float | None = None
        """When the request that is coming in began; None while none is."""
        self._idle_since: float | None = None
        """When the last answer was written; None while there is something to do."""
        self._deadline: asyncio.TimerHandle | None = None
        self._in_head = True
        self._begun = False
        """A byte of the head has come in: until then there is nothing to answer."""
        self._message_bytes = 0
        """How much of the request has come in."""
        self._refusal: Response | None = None
        self._refused = False
        """Nothing that still comes in is looked at."""
        self._earlier: list[RequestResponseCycle] = []
        """The requests that came in before `cycle` while an answer was due: uvicorn tells `cycle` alone of the end."""

    # The connection

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # As uvicorn has it.
        """Starts the clock: a client that connects has something to say."""
        super().connection_made(transport)
        self._receiving_since = self.loop.time()
        # One timer a connection, not one a request: it looks at the clock when it fires.
        self._check_deadline()
        if len(self.connections) > self._limits.max_connections:
            self._refuse(_OVERLOADED)

    def connection_lost(self, exc: Exception | None) -> None:
        """Stops the clock. Nobody is left to answer."""
        super().connection_lost(exc)
        for cycle in self._earlier:
            cycle.disconnected = True
        if self._deadline is not None:
            self._deadline.cancel()

    def shutdown(self) -> None:
        """The server stops: the connection ends, after the answer to a request whose first byte is here."""
        if self._in_head and self._begun:
            return  # The server is draining: whatever is answered from now on is the last answer.
        super().shutdown()

    def eof_received(self) -> bool:  # type: ignore[override] # uvicorn never keeps such a connection.
        """The client sends no more. It may still read: what it asked for in whole is answered, then all is over."""
        due = bool(self.pipeline) or (self._in_head and self._answer_is_due())
        if due:
            self.cycle.keep_alive = False
        return due

    def data_received(self, data: bytes) -> None:
        """Parses *data*, which calls what follows."""
        if self._refused:
            return
        if len(data) > _MAX_PIECE_BYTES:
            self._receive_pieces(data)
            return
        if self._receiving_since is None:
            self._receiving_since = self.loop.time()
        self._message_bytes += len(data)
        self._idle_since = None
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            self._ignore_upgrade(data[upgrade.args[0] :])
        except httptools.HttpParserError:  # Ours among them: what a callback raises ends up here.
            self._refuse(self._refusal or _MALFORMED)
        if self._refused:
            return
        if self._in_head:
            if self._message_bytes > _MAX_HEAD_BYTES:
                self._refuse(_HEAD_TOO_LARGE)
        elif self._message_bytes > _MAX_CHUNKED_BYTES and self._is_chunked():
            self._refuse(_TOO_LARGE)

    def _receive_pieces(self, data: bytes) -> None:
        for start in range(0, len(data), _MAX_PIECE_BYTES):
            self.data_received(data[start : start + _MAX_PIECE_BYTES])

    # The parser

    def on_message_begin(self) -> None:
        """The first byte of a request."""
        super().on_message_begin()
        self._begun = True
        if self._receiving_since is None:  # It came with the end of the one before.
            self._receiving_since = self.loop.time()

    def on_url(self, url: bytes) -> None:
        """A piece of the URL."""
        super().on_url(url)
        if len(self.url) > _MAX_URL_BYTES:
            self._stop_parsing(_URL_TOO_LONG)

    def on_headers_complete(self) -> None:
        """The head is here."""
        if len(self.headers) > _MAX_FIELDS or (
            # What has come in of this request, its head included, is seldom more than a head may be. 0: it came with
            # the end of another.
            not 0 < self._message_bytes <= _MAX_HEAD_BYTES
            and sum([len(name) + len(value) for name, value in self.headers]) > _MAX_HEAD_BYTES
        ):
            self._stop_parsing(_HEAD_TOO_LARGE)
        if len(self.pipeline) >= _MAX_PIPELINED:
            self._stop_parsing(_TOO_MANY)
        if self.parser.should_upgrade():  # httptools takes it that no body follows; see `_ignore_upgrade`.
            if self._answer_is_due():
                self._stop_parsing(_MALFORMED)  # Each costs a second reading: not a thousand of them in one packet.
            return
        previous = self.cycle
        super().on_headers_complete()
        if self.pipeline:
            if len(self.pipeline) == 1:
                self._earlier.clear()
            self._earlier.append(previous)
        self._in_head = False
        self.headers = []  # Where httptools puts the trailers; the request has its headers in `scope`.
        if self.server_state.draining:
            self.cycle.keep_alive = False

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:  # noqa: ANN401 - ASGI, in uvicorn's types.
        """Has the application answer through `WholeAnswer`; what uvicorn itself has to say still goes its own way."""
        answer = WholeAnswer(cycle)

        async def answered_whole(scope: Any, receive: Any, _: Any) -> None:  # noqa: ANN401 - as above.
            await app(scope, receive, answer)

        super()._start_asgi_task(cycle, answered_whole)

    def on_message_complete(self) -> None:
        """The request is here, all of it."""
        if self.parser.should_upgrade():
            return
        super().on_message_complete()
        self._receiving_since = None
        self._in_head = True
        self._begun = False
        self._message_bytes = 0
        if self.cycle.response_complete:  # It was answered before it was all here.
            self._idle_since = self.loop.time()

    def on_response_complete(self) -> None:
        """An answer is written. In the place of uvicorn's, which sets a timer for every one."""
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            return
        self.flow.resume_reading()
        if self.pipeline:
            self._start_asgi_task(*self.pipeline.pop())
            return
        self._idle_since = self.loop.time()
        if self._in_head:
            return
        # The answer came before the body. The rest of one with a length is skipped; but a chunked one has no end in
        # sight, and a client that waits to be told to go on (RFC 9110 section 10.1.1) may send its body or another
        # request, as it likes.
        if self.expect_100_continue or self._is_chunked():
            self._hang_up()

    def _ignore_upgrade(self, rest: bytes) -> None:
        """Reads the head once more, without its Upgrade (RFC 9110 section 7.8: "A server MAY ignore"), then *rest*.

        httptools knows no other way to read the body of such a request.
        """
        method, version = self.parser.get_method(), self.parser.get_http_version().encode()
        if method == b"CONNECT":  # To its parser an upgrade, to us no request.
            self._refuse(_MALFORMED)
            return
        headers = [b"%s: %s" % header for header in self.headers if header[0] != b"upgrade"]
        self.parser = httptools.HttpRequestParser(self)
        self.data_received(b"\r\n".join([b"%s %s HTTP/%s" % (method, self.url, version), *headers, b"", rest]))

    def _stop_parsing(self, refusal: Response) -> None:
        self._refusal = refusal
        raise _RefusedHead

    # The end

    def _check_deadline(self) -> None:
        now = self.loop.time()
        # Whatever begins after this look is not due before the next one.
        due = next_look = now + min(self._limits.receive_seconds, self.timeout_keep_alive)
        if self._receiving_since is not None:
            due = self._receiving_since + self._limits.receive_seconds
        elif self._idle_since is not None:
            due = self._idle_since + self.timeout_keep_alive
        if due > now:
            self._deadline = self.loop.call_at(min(due, next_look), self._check_deadline)
        elif self._in_head and not self._begun:
            self.transport.close()
        else:
            self._refuse(_TOO_SLOW)

    def _is_chunked(self) -> bool:
        return any(name == b"transfer-encoding" for name, _ in self.scope["headers"])

    def _answer_is_due(self) -> bool:
        """Whether the request before the one that is coming in has not been answered yet."""
        cycle: RequestResponseCycle | None = self.cycle  # None before the first request.
        return cycle is not None and not cycle.response_complete

    def _refuse(self, response: Response) -> None:
        """Ends the connection, with *response* if the client cannot take it for the answer to another request."""
        self._refused = True
        if self._in_head:
            if self._answer_is_due():
                self.cycle.keep_alive = False  # That answer is the last one.
                return
        else:
            if self.cycle.response_complete or self.pipeline:
                self.transport.close()
                return
            self.cycle.disconnected = True  # The endpoint waits for the rest of the body: it never comes.
            self.cycle.message_event.set()
        self.transport.write(response.http1(self.server_state.default_headers))
        self._hang_up()

    def _hang_up(self) -> None:
        """Ends the connection in a way that lets the client read what was written.

        Closed at once with bytes unread, it would be reset, and the answer lost.
        """
        self._refused = True
        if self.transport.is_closing():
            return
        if self.transport.can_write_eof():
            self.transport.write_eof()
        if self._deadline is not None:
            self._deadline.cancel()
        self._deadline = self.loop.call_later(_LINGER_SECONDS, self.transport.close)
