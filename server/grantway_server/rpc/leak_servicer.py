"""`grantway.v1.LeakService`. The proto is its reference."""

from typing import Any

import grpc

from grantway.v1 import leak_service_pb2 as pb
from grantway.v1 import leak_service_pb2_grpc as rpc
from grantway_server.domain.leaks import LeakService
from grantway_server.domain.refusals import invalid_request
from grantway_server.rpc import convert_leaks
from grantway_server.rpc.callers import Callers

_MAX_TEXTS = 100

_Context = grpc.aio.ServicerContext[Any, Any]


class LeakServicer(rpc.LeakServiceServicer):
    """Puts the handling of leaks on the wire."""

    def __init__(self, service: LeakService, callers: Callers) -> None:
        self._service = service
        self._callers = callers

    async def InspectLeaked(self, request: pb.InspectLeakedRequest, context: _Context) -> pb.InspectLeakedResponse:
        """See the proto."""
        self._callers.administrator(context)
        if not 1 <= len(request.texts) <= _MAX_TEXTS:
            raise invalid_request(f"texts must hold 1 to {_MAX_TEXTS} texts.")
        found = await self._service.inspect(request.texts)
        return pb.InspectLeakedResponse(results=map(convert_leaks.leaked_text, found))

    async def ReportLeaked(self, request: pb.ReportLeakedRequest, context: _Context) -> pb.ReportLeakedResponse:
        """See the proto."""
        by = self._callers.anybody(context, source=request.source)
        await self._service.report(request.text, by=by, client_id=request.client_id)
        return pb.ReportLeakedResponse()
