"""`grantway.v1.AuditService`. The proto is its reference."""

from collections.abc import AsyncIterator, Iterable, Iterator
from typing import Any

import grpc

from grantway.v1 import audit_service_pb2 as pb
from grantway.v1 import audit_service_pb2_grpc as rpc
from grantway_server.domain.audit_service import AuditService
from grantway_server.rpc import convert_audit
from grantway_server.rpc.callers import Callers
from grantway_server.rpc.open_streams import OpenStreams

_MAX_BYTES = 3 * 1024 * 1024
"""Of the records in one message: with what stands around them they fit into the 4 MiB that gRPC's clients take. The
largest record, which has a client before and after, has a fiftieth of it."""

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
            for portion in _portions(map(convert_audit.audit_record, records)):
                yield pb.ReadAuditResponse(records=portion)
            # Who waits for what comes may go and wait elsewhere; an answer that has an end gets there.
            if request.follow and self._streams.ending:
                return


def _portions(records: Iterable[pb.AuditRecord]) -> Iterator[list[pb.AuditRecord]]:
    """*records* in their order, as many together as one message takes."""
    portion: list[pb.AuditRecord] = []
    size = 0
    for record in records:
        length = record.ByteSize()
        if portion and size + length > _MAX_BYTES:
            yield portion
            portion, size = [], 0
        portion.append(record)
        size += length
    if portion:
        yield portion
