"""`grantway.v1.ClientService`. The proto is its reference."""

from datetime import timedelta
from typing import Any

import grpc

from grantway.v1 import client_pb2
from grantway.v1 import client_service_pb2 as pb
from grantway.v1 import client_service_pb2_grpc as rpc
from grantway_server.domain.client_import import ClientImport, Imported
from grantway_server.domain.client_service import ClientService
from grantway_server.domain.clients import Client
from grantway_server.domain.environment import Environment
from grantway_server.domain.incidents import IncidentService
from grantway_server.domain.refusals import invalid_request
from grantway_server.domain.secret_rotation import DEFAULT_OVERLAP, SecretRotation
from grantway_server.domain.secret_service import SecretService
from grantway_server.domain.secret_use import NEVER_USED
from grantway_server.rpc import convert_clients as convert
from grantway_server.rpc.callers import Callers
from grantway_server.rpc.convert_secrets import impact_message, secret_message, token_selection
from grantway_server.rpc.pages import page_place, page_token
from grantway_server.rpc.times import optional_duration

_DEFAULT_PAGE_SIZE = 100
_DEFAULT_WITHIN = timedelta(days=30)
_MAX_IMPORTS = 100

_Context = grpc.aio.ServicerContext[Any, Any]


class ClientServicer(rpc.ClientServiceServicer):
    """Puts the administration of clients on the wire."""

    def __init__(  # noqa: PLR0913 - the use cases of one service.
        self,
        service: ClientService,
        *,
        secrets: SecretService,
        rotations: SecretRotation,
        incidents: IncidentService,
        imports: ClientImport,
        callers: Callers,
        environment: Environment,
    ) -> None:
        self._service = service
        self._secrets = secrets
        self._rotations = rotations
        self._incidents = incidents
        self._imports = imports
        self._callers = callers
        self._environment = environment

    async def CreateClient(self, request: pb.CreateClientRequest, context: _Context) -> pb.CreateClientResponse:
        """See the proto."""
        by = self._callers.administrator(context)
        client, text, secret = await self._service.create(
            convert.client_fields(request), by=by, idempotency=convert.idempotency(request)
        )
        return pb.CreateClientResponse(
            client=await self._message(client), client_secret=text, secret_id=secret.secret_id
        )

    async def GetClient(self, request: pb.GetClientRequest, context: _Context) -> pb.GetClientResponse:
        """See the proto."""
        self._callers.administrator(context)
        return pb.GetClientResponse(client=await self._message(await self._service.get(request.client_id)))

    async def ListClients(self, request: pb.ListClientsRequest, context: _Context) -> pb.ListClientsResponse:
        """See the proto."""
        self._callers.administrator(context)
        page = await self._service.page(
            convert.client_filter(request),
            after=page_place(request.page_token),
            size=request.page_size or _DEFAULT_PAGE_SIZE,
        )
        return pb.ListClientsResponse(
            clients=await self._messages(*page.items), next_page_token=page_token(page.next_page)
        )

    async def UpdateClient(self, request: pb.UpdateClientRequest, context: _Context) -> pb.UpdateClientResponse:
        """See the proto."""
        by = self._callers.administrator(context)
        mask = convert.update_mask(request)
        fields = convert.client_fields(request.client, mask)
        client = await self._service.update(
            request.client.client_id, fields, mask=mask, by=by, etag=request.client.etag
        )
        return pb.UpdateClientResponse(client=await self._message(client))

    async def DisableClient(self, request: pb.DisableClientRequest, context: _Context) -> pb.DisableClientResponse:
        """See the proto."""
        by = self._callers.administrator(context)
        client, impact = await self._incidents.disable(
            request.client_id, by=by, etag=request.etag, dry_run=request.dry_run
        )
        return pb.DisableClientResponse(client=await self._message(client), impact=impact_message(impact))

    async def EnableClient(self, request: pb.EnableClientRequest, context: _Context) -> pb.EnableClientResponse:
        """See the proto."""
        by = self._callers.administrator(context)
        client = await self._incidents.enable(request.client_id, by=by, etag=request.etag)
        return pb.EnableClientResponse(client=await self._message(client))

    async def DeleteClient(self, request: pb.DeleteClientRequest, context: _Context) -> pb.DeleteClientResponse:
        """See the proto."""
        by = self._callers.administrator(context)
        impact = await self._incidents.delete(request.client_id, by=by, etag=request.etag, dry_run=request.dry_run)
        return pb.DeleteClientResponse(impact=impact_message(impact))

    async def RotateSecret(self, request: pb.RotateSecretRequest, context: _Context) -> pb.RotateSecretResponse:
        """See the proto."""
        by = self._callers.administrator(context)
        overlap = optional_duration(request, "overlap")
        rotation = await self._rotations.rotate(
            request.client_id,
            by=by,
            overlap=DEFAULT_OVERLAP if overlap is None else overlap,
            etag=request.etag,
            idempotency=convert.idempotency(request),
        )
        return pb.RotateSecretResponse(
            client=await self._message(rotation.client),
            client_secret=rotation.text,
            secret=secret_message(rotation.secret),
            old_secrets=map(secret_message, rotation.old_secrets),
        )

    async def RetireSecret(self, request: pb.RetireSecretRequest, context: _Context) -> pb.RetireSecretResponse:
        """See the proto."""
        by = self._callers.administrator(context)
        client, secret, impact = await self._secrets.retire(
            request.client_id,
            request.secret_id,
            by=by,
            etag=request.etag,
            dry_run=request.dry_run,
            revoke_tokens=request.revoke_tokens,
        )
        return pb.RetireSecretResponse(
            client=await self._message(client),
            secret=secret_message(secret),
            impact=impact_message(impact),
        )

    async def ListSecrets(self, request: pb.ListSecretsRequest, context: _Context) -> pb.ListSecretsResponse:
        """See the proto."""
        self._callers.administrator(context)
        states = await self._secrets.all_of(request.client_id)
        return pb.ListSecretsResponse(secrets=map(secret_message, states))

    async def ListExpiringSecrets(
        self, request: pb.ListExpiringSecretsRequest, context: _Context
    ) -> pb.ListExpiringSecretsResponse:
        """See the proto."""
        self._callers.administrator(context)
        within = optional_duration(request, "within")
        page = await self._secrets.expiring(
            within=_DEFAULT_WITHIN if within is None else within,
            after=page_place(request.page_token),
            size=request.page_size or _DEFAULT_PAGE_SIZE,
        )
        return pb.ListExpiringSecretsResponse(
            secrets=[
                pb.ClientSecret(
                    client_id=client.client_id,
                    client_name=client.name,
                    organization=client.organization,
                    secret=secret_message(state),
                )
                for client, state in page.items
            ],
            next_page_token=page_token(page.next_page),
        )

    async def RevokeClientTokens(
        self, request: pb.RevokeClientTokensRequest, context: _Context
    ) -> pb.RevokeClientTokensResponse:
        """See the proto."""
        by = self._callers.administrator(context)
        client, impact = await self._incidents.revoke_tokens(
            request.client_id, token_selection(request), by=by, etag=request.etag, dry_run=request.dry_run
        )
        return pb.RevokeClientTokensResponse(client=await self._message(client), impact=impact_message(impact))

    async def PanicClient(self, request: pb.PanicClientRequest, context: _Context) -> pb.PanicClientResponse:
        """See the proto."""
        by = self._callers.administrator(context)
        client, impact = await self._incidents.panic(request.client_id, by=by, dry_run=request.dry_run)
        return pb.PanicClientResponse(client=await self._message(client), impact=impact_message(impact))

    async def BatchImportClients(
        self, request: pb.BatchImportClientsRequest, context: _Context
    ) -> pb.BatchImportClientsResponse:
        """See the proto."""
        by = self._callers.administrator(context)
        if not 1 <= len(request.requests) <= _MAX_IMPORTS:
            raise invalid_request(f"A batch holds 1 to {_MAX_IMPORTS} clients.")
        outcomes = await self._imports.bring_in([convert.foreign_client(one) for one in request.requests], by=by)
        uses = await self._service.uses(*(one.client for one in outcomes if isinstance(one, Imported)))
        response = pb.BatchImportClientsResponse()
        for outcome in outcomes:
            convert.fill_import_result(response.results.add(), outcome, self._environment, uses)
        return response

    async def _message(self, client: Client) -> client_pb2.Client:
        (message,) = await self._messages(client)
        return message

    async def _messages(self, *clients: Client) -> list[client_pb2.Client]:
        uses = await self._service.uses(*clients)
        return [
            convert.client_message(client, self._environment, uses.get(client.client_id, NEVER_USED))
            for client in clients
        ]
