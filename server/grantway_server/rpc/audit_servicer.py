"""`grantway.v1.AuditService`. The proto is its reference."""

from collections.abc import AsyncIterator
from typing import Any

import grpc

from grantway.v1 import audit_service_pb2 as pb
from grantway.v1 import audit_service_pb2_grpc as rpc
from grantway_server.domain.audit_service import AuditService
from grantway_server.rpc import convert_audit
from grantway_server.rpc.callers import Callers
from grantway_server.rpc.open_streams import OpenStreams

_RECORDS = 50
"""In one message: so many of the largest, which have a client before and after, fit into the 4 MiB that gRPC's clients
take."""

_Context = grpc.aio.ServicerContext[Any, Any]


class AuditServicer(rpc.AuditServiceServicer):
    """Puts the audit trail on the wire."""

    def __init__(self, service: AuditService, callers: Callers, streams: OpenStreams) -> None:
        self._service = service
        self._callers = callers
        self._streams = streams

    async def ReadAudit(self, request: pb.ReadAuditRequest, context: _Context) -> AsyncIterator[pb.ReadAuditResponse]:
        """See the proto."""
        self._callers.administrator(context)
        query = convert_audit.audit_query(request)
        async for records in self._service.read(query, follow=request.follow):
            for start in range(0, len(records), _RECORDS):
                portion = records[start : start + _RECORDS]
                yield pb.ReadAuditResponse(records=map(convert_audit.audit_record, portion))
            # Who waits for what comes may go and wait elsewhere; an answer that has an end gets there.
            if request.follow and self._streams.ending:
                return
