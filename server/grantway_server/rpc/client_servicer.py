"""`grantway.v1.ClientService`. The proto is its reference."""

from typing import Any

import grpc

from grantway.v1 import client_pb2
from grantway.v1 import client_service_pb2 as pb
from grantway.v1 import client_service_pb2_grpc as rpc
from grantway_server.domain.client_service import ClientService
from grantway_server.domain.clients import Client
from grantway_server.domain.environment import Environment
from grantway_server.rpc import convert

_DEFAULT_PAGE_SIZE = 100

_Context = grpc.aio.ServicerContext[Any, Any]


class ClientServicer(rpc.ClientServiceServicer):
    """Puts the administration of clients on the wire."""

    def __init__(self, service: ClientService, environment: Environment) -> None:
        self._service = service
        self._environment = environment

    async def CreateClient(self, request: pb.CreateClientRequest, context: _Context) -> pb.CreateClientResponse:
        """See the proto."""
        client, secret = await self._service.create(convert.client_fields(request))
        return pb.CreateClientResponse(client=self._message(client), client_secret=secret)

    async def GetClient(self, request: pb.GetClientRequest, context: _Context) -> pb.GetClientResponse:
        """See the proto."""
        return pb.GetClientResponse(client=self._message(await self._service.get(request.client_id)))

    async def ListClients(self, request: pb.ListClientsRequest, context: _Context) -> pb.ListClientsResponse:
        """See the proto."""
        page, next_page = await self._service.page(
            after=request.page_token, size=request.page_size or _DEFAULT_PAGE_SIZE
        )
        return pb.ListClientsResponse(clients=map(self._message, page), next_page_token=next_page)

    async def UpdateClient(self, request: pb.UpdateClientRequest, context: _Context) -> pb.UpdateClientResponse:
        """See the proto."""
        mask = convert.update_mask(request)
        fields = convert.client_fields(request.client, mask)
        client = await self._service.update(request.client.client_id, fields, mask=mask)
        return pb.UpdateClientResponse(client=self._message(client))

    async def DisableClient(self, request: pb.DisableClientRequest, context: _Context) -> pb.DisableClientResponse:
        """See the proto."""
        return pb.DisableClientResponse(client=self._message(await self._service.disable(request.client_id)))

    async def EnableClient(self, request: pb.EnableClientRequest, context: _Context) -> pb.EnableClientResponse:
        """See the proto."""
        return pb.EnableClientResponse(client=self._message(await self._service.enable(request.client_id)))

    async def DeleteClient(self, request: pb.DeleteClientRequest, context: _Context) -> pb.DeleteClientResponse:
        """See the proto."""
        await self._service.delete(request.client_id)
        return pb.DeleteClientResponse()

    def _message(self, client: Client) -> client_pb2.Client:
        return convert.client_message(client, self._environment)
