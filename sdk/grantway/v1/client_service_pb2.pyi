import datetime

from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf import field_mask_pb2 as _field_mask_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from grantway.v1 import client_pb2 as _client_pb2
from grantway.v1 import refusal_pb2 as _refusal_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class CreateClientRequest(_message.Message):
    __slots__ = ("name", "allowed_scopes", "default_scopes", "audiences", "own_audiences", "token_lifetime", "permissions", "auth_methods", "organization", "description", "labels", "idempotency_key")
    class LabelsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    NAME_FIELD_NUMBER: _ClassVar[int]
    ALLOWED_SCOPES_FIELD_NUMBER: _ClassVar[int]
    DEFAULT_SCOPES_FIELD_NUMBER: _ClassVar[int]
    AUDIENCES_FIELD_NUMBER: _ClassVar[int]
    OWN_AUDIENCES_FIELD_NUMBER: _ClassVar[int]
    TOKEN_LIFETIME_FIELD_NUMBER: _ClassVar[int]
    PERMISSIONS_FIELD_NUMBER: _ClassVar[int]
    AUTH_METHODS_FIELD_NUMBER: _ClassVar[int]
    ORGANIZATION_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    LABELS_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    name: str
    allowed_scopes: _containers.RepeatedScalarFieldContainer[str]
    default_scopes: _client_pb2.ScopeSet
    audiences: _containers.RepeatedScalarFieldContainer[str]
    own_audiences: _containers.RepeatedScalarFieldContainer[str]
    token_lifetime: _duration_pb2.Duration
    permissions: _containers.RepeatedScalarFieldContainer[_client_pb2.Permission]
    auth_methods: _containers.RepeatedScalarFieldContainer[_client_pb2.ClientAuthMethod]
    organization: str
    description: str
    labels: _containers.ScalarMap[str, str]
    idempotency_key: str
    def __init__(self, name: _Optional[str] = ..., allowed_scopes: _Optional[_Iterable[str]] = ..., default_scopes: _Optional[_Union[_client_pb2.ScopeSet, _Mapping]] = ..., audiences: _Optional[_Iterable[str]] = ..., own_audiences: _Optional[_Iterable[str]] = ..., token_lifetime: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., permissions: _Optional[_Iterable[_Union[_client_pb2.Permission, str]]] = ..., auth_methods: _Optional[_Iterable[_Union[_client_pb2.ClientAuthMethod, str]]] = ..., organization: _Optional[str] = ..., description: _Optional[str] = ..., labels: _Optional[_Mapping[str, str]] = ..., idempotency_key: _Optional[str] = ...) -> None: ...

class CreateClientResponse(_message.Message):
    __slots__ = ("client", "client_secret", "secret_id")
    CLIENT_FIELD_NUMBER: _ClassVar[int]
    CLIENT_SECRET_FIELD_NUMBER: _ClassVar[int]
    SECRET_ID_FIELD_NUMBER: _ClassVar[int]
    client: _client_pb2.Client
    client_secret: str
    secret_id: str
    def __init__(self, client: _Optional[_Union[_client_pb2.Client, _Mapping]] = ..., client_secret: _Optional[str] = ..., secret_id: _Optional[str] = ...) -> None: ...

class GetClientRequest(_message.Message):
    __slots__ = ("client_id",)
    CLIENT_ID_FIELD_NUMBER: _ClassVar[int]
    client_id: str
    def __init__(self, client_id: _Optional[str] = ...) -> None: ...

class GetClientResponse(_message.Message):
    __slots__ = ("client",)
    CLIENT_FIELD_NUMBER: _ClassVar[int]
    client: _client_pb2.Client
    def __init__(self, client: _Optional[_Union[_client_pb2.Client, _Mapping]] = ...) -> None: ...

class ListClientsRequest(_message.Message):
    __slots__ = ("page_size", "page_token", "organization", "name_prefix", "state")
    class State(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        STATE_UNSPECIFIED: _ClassVar[ListClientsRequest.State]
        STATE_ENABLED: _ClassVar[ListClientsRequest.State]
        STATE_DISABLED: _ClassVar[ListClientsRequest.State]
    STATE_UNSPECIFIED: ListClientsRequest.State
    STATE_ENABLED: ListClientsRequest.State
    STATE_DISABLED: ListClientsRequest.State
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    ORGANIZATION_FIELD_NUMBER: _ClassVar[int]
    NAME_PREFIX_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    organization: str
    name_prefix: str
    state: ListClientsRequest.State
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., organization: _Optional[str] = ..., name_prefix: _Optional[str] = ..., state: _Optional[_Union[ListClientsRequest.State, str]] = ...) -> None: ...

class ListClientsResponse(_message.Message):
    __slots__ = ("clients", "next_page_token")
    CLIENTS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    clients: _containers.RepeatedCompositeFieldContainer[_client_pb2.Client]
    next_page_token: str
    def __init__(self, clients: _Optional[_Iterable[_Union[_client_pb2.Client, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class UpdateClientRequest(_message.Message):
    __slots__ = ("client", "update_mask")
    CLIENT_FIELD_NUMBER: _ClassVar[int]
    UPDATE_MASK_FIELD_NUMBER: _ClassVar[int]
    client: _client_pb2.Client
    update_mask: _field_mask_pb2.FieldMask
    def __init__(self, client: _Optional[_Union[_client_pb2.Client, _Mapping]] = ..., update_mask: _Optional[_Union[_field_mask_pb2.FieldMask, _Mapping]] = ...) -> None: ...

class UpdateClientResponse(_message.Message):
    __slots__ = ("client",)
    CLIENT_FIELD_NUMBER: _ClassVar[int]
    client: _client_pb2.Client
    def __init__(self, client: _Optional[_Union[_client_pb2.Client, _Mapping]] = ...) -> None: ...

class DisableClientRequest(_message.Message):
    __slots__ = ("client_id", "etag", "dry_run")
    CLIENT_ID_FIELD_NUMBER: _ClassVar[int]
    ETAG_FIELD_NUMBER: _ClassVar[int]
    DRY_RUN_FIELD_NUMBER: _ClassVar[int]
    client_id: str
    etag: str
    dry_run: bool
    def __init__(self, client_id: _Optional[str] = ..., etag: _Optional[str] = ..., dry_run: _Optional[bool] = ...) -> None: ...

class DisableClientResponse(_message.Message):
    __slots__ = ("client", "impact")
    CLIENT_FIELD_NUMBER: _ClassVar[int]
    IMPACT_FIELD_NUMBER: _ClassVar[int]
    client: _client_pb2.Client
    impact: Impact
    def __init__(self, client: _Optional[_Union[_client_pb2.Client, _Mapping]] = ..., impact: _Optional[_Union[Impact, _Mapping]] = ...) -> None: ...

class Impact(_message.Message):
    __slots__ = ("disables", "secrets", "tokens_issued", "last_token_time", "last_expire_time", "all_tokens")
    DISABLES_FIELD_NUMBER: _ClassVar[int]
    SECRETS_FIELD_NUMBER: _ClassVar[int]
    TOKENS_ISSUED_FIELD_NUMBER: _ClassVar[int]
    LAST_TOKEN_TIME_FIELD_NUMBER: _ClassVar[int]
    LAST_EXPIRE_TIME_FIELD_NUMBER: _ClassVar[int]
    ALL_TOKENS_FIELD_NUMBER: _ClassVar[int]
    disables: bool
    secrets: _containers.RepeatedCompositeFieldContainer[_client_pb2.Secret]
    tokens_issued: int
    last_token_time: _timestamp_pb2.Timestamp
    last_expire_time: _timestamp_pb2.Timestamp
    all_tokens: bool
    def __init__(self, disables: _Optional[bool] = ..., secrets: _Optional[_Iterable[_Union[_client_pb2.Secret, _Mapping]]] = ..., tokens_issued: _Optional[int] = ..., last_token_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., last_expire_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., all_tokens: _Optional[bool] = ...) -> None: ...

class EnableClientRequest(_message.Message):
    __slots__ = ("client_id", "etag")
    CLIENT_ID_FIELD_NUMBER: _ClassVar[int]
    ETAG_FIELD_NUMBER: _ClassVar[int]
    client_id: str
    etag: str
    def __init__(self, client_id: _Optional[str] = ..., etag: _Optional[str] = ...) -> None: ...

class EnableClientResponse(_message.Message):
    __slots__ = ("client",)
    CLIENT_FIELD_NUMBER: _ClassVar[int]
    client: _client_pb2.Client
    def __init__(self, client: _Optional[_Union[_client_pb2.Client, _Mapping]] = ...) -> None: ...

class DeleteClientRequest(_message.Message):
    __slots__ = ("client_id", "etag", "dry_run")
    CLIENT_ID_FIELD_NUMBER: _ClassVar[int]
    ETAG_FIELD_NUMBER: _ClassVar[int]
    DRY_RUN_FIELD_NUMBER: _ClassVar[int]
    client_id: str
    etag: str
    dry_run: bool
    def __init__(self, client_id: _Optional[str] = ..., etag: _Optional[str] = ..., dry_run: _Optional[bool] = ...) -> None: ...

class DeleteClientResponse(_message.Message):
    __slots__ = ("impact",)
    IMPACT_FIELD_NUMBER: _ClassVar[int]
    impact: Impact
    def __init__(self, impact: _Optional[_Union[Impact, _Mapping]] = ...) -> None: ...

class RotateSecretRequest(_message.Message):
    __slots__ = ("client_id", "overlap", "idempotency_key", "etag")
    CLIENT_ID_FIELD_NUMBER: _ClassVar[int]
    OVERLAP_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    ETAG_FIELD_NUMBER: _ClassVar[int]
    client_id: str
    overlap: _duration_pb2.Duration
    idempotency_key: str
    etag: str
    def __init__(self, client_id: _Optional[str] = ..., overlap: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., idempotency_key: _Optional[str] = ..., etag: _Optional[str] = ...) -> None: ...

class RotateSecretResponse(_message.Message):
    __slots__ = ("client", "client_secret", "secret", "old_secrets")
    CLIENT_FIELD_NUMBER: _ClassVar[int]
    CLIENT_SECRET_FIELD_NUMBER: _ClassVar[int]
    SECRET_FIELD_NUMBER: _ClassVar[int]
    OLD_SECRETS_FIELD_NUMBER: _ClassVar[int]
    client: _client_pb2.Client
    client_secret: str
    secret: _client_pb2.Secret
    old_secrets: _containers.RepeatedCompositeFieldContainer[_client_pb2.Secret]
    def __init__(self, client: _Optional[_Union[_client_pb2.Client, _Mapping]] = ..., client_secret: _Optional[str] = ..., secret: _Optional[_Union[_client_pb2.Secret, _Mapping]] = ..., old_secrets: _Optional[_Iterable[_Union[_client_pb2.Secret, _Mapping]]] = ...) -> None: ...

class RetireSecretRequest(_message.Message):
    __slots__ = ("client_id", "secret_id", "etag", "dry_run", "revoke_tokens")
    CLIENT_ID_FIELD_NUMBER: _ClassVar[int]
    SECRET_ID_FIELD_NUMBER: _ClassVar[int]
    ETAG_FIELD_NUMBER: _ClassVar[int]
    DRY_RUN_FIELD_NUMBER: _ClassVar[int]
    REVOKE_TOKENS_FIELD_NUMBER: _ClassVar[int]
    client_id: str
    secret_id: str
    etag: str
    dry_run: bool
    revoke_tokens: bool
    def __init__(self, client_id: _Optional[str] = ..., secret_id: _Optional[str] = ..., etag: _Optional[str] = ..., dry_run: _Optional[bool] = ..., revoke_tokens: _Optional[bool] = ...) -> None: ...

class RetireSecretResponse(_message.Message):
    __slots__ = ("client", "secret", "impact")
    CLIENT_FIELD_NUMBER: _ClassVar[int]
    SECRET_FIELD_NUMBER: _ClassVar[int]
    IMPACT_FIELD_NUMBER: _ClassVar[int]
    client: _client_pb2.Client
    secret: _client_pb2.Secret
    impact: Impact
    def __init__(self, client: _Optional[_Union[_client_pb2.Client, _Mapping]] = ..., secret: _Optional[_Union[_client_pb2.Secret, _Mapping]] = ..., impact: _Optional[_Union[Impact, _Mapping]] = ...) -> None: ...

class ListSecretsRequest(_message.Message):
    __slots__ = ("client_id",)
    CLIENT_ID_FIELD_NUMBER: _ClassVar[int]
    client_id: str
    def __init__(self, client_id: _Optional[str] = ...) -> None: ...

class ListSecretsResponse(_message.Message):
    __slots__ = ("secrets",)
    SECRETS_FIELD_NUMBER: _ClassVar[int]
    secrets: _containers.RepeatedCompositeFieldContainer[_client_pb2.Secret]
    def __init__(self, secrets: _Optional[_Iterable[_Union[_client_pb2.Secret, _Mapping]]] = ...) -> None: ...

class ListExpiringSecretsRequest(_message.Message):
    __slots__ = ("within", "page_size", "page_token")
    WITHIN_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    within: _duration_pb2.Duration
    page_size: int
    page_token: str
    def __init__(self, within: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ClientSecret(_message.Message):
    __slots__ = ("client_id", "client_name", "organization", "secret")
    CLIENT_ID_FIELD_NUMBER: _ClassVar[int]
    CLIENT_NAME_FIELD_NUMBER: _ClassVar[int]
    ORGANIZATION_FIELD_NUMBER: _ClassVar[int]
    SECRET_FIELD_NUMBER: _ClassVar[int]
    client_id: str
    client_name: str
    organization: str
    secret: _client_pb2.Secret
    def __init__(self, client_id: _Optional[str] = ..., client_name: _Optional[str] = ..., organization: _Optional[str] = ..., secret: _Optional[_Union[_client_pb2.Secret, _Mapping]] = ...) -> None: ...

class ListExpiringSecretsResponse(_message.Message):
    __slots__ = ("secrets", "next_page_token")
    SECRETS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    secrets: _containers.RepeatedCompositeFieldContainer[ClientSecret]
    next_page_token: str
    def __init__(self, secrets: _Optional[_Iterable[_Union[ClientSecret, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class RevokeClientTokensRequest(_message.Message):
    __slots__ = ("client_id", "secret_id", "issued_from", "issued_before", "etag", "dry_run")
    CLIENT_ID_FIELD_NUMBER: _ClassVar[int]
    SECRET_ID_FIELD_NUMBER: _ClassVar[int]
    ISSUED_FROM_FIELD_NUMBER: _ClassVar[int]
    ISSUED_BEFORE_FIELD_NUMBER: _ClassVar[int]
    ETAG_FIELD_NUMBER: _ClassVar[int]
    DRY_RUN_FIELD_NUMBER: _ClassVar[int]
    client_id: str
    secret_id: str
    issued_from: _timestamp_pb2.Timestamp
    issued_before: _timestamp_pb2.Timestamp
    etag: str
    dry_run: bool
    def __init__(self, client_id: _Optional[str] = ..., secret_id: _Optional[str] = ..., issued_from: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., issued_before: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., etag: _Optional[str] = ..., dry_run: _Optional[bool] = ...) -> None: ...

class RevokeClientTokensResponse(_message.Message):
    __slots__ = ("client", "impact")
    CLIENT_FIELD_NUMBER: _ClassVar[int]
    IMPACT_FIELD_NUMBER: _ClassVar[int]
    client: _client_pb2.Client
    impact: Impact
    def __init__(self, client: _Optional[_Union[_client_pb2.Client, _Mapping]] = ..., impact: _Optional[_Union[Impact, _Mapping]] = ...) -> None: ...

class PanicClientRequest(_message.Message):
    __slots__ = ("client_id", "dry_run")
    CLIENT_ID_FIELD_NUMBER: _ClassVar[int]
    DRY_RUN_FIELD_NUMBER: _ClassVar[int]
    client_id: str
    dry_run: bool
    def __init__(self, client_id: _Optional[str] = ..., dry_run: _Optional[bool] = ...) -> None: ...

class PanicClientResponse(_message.Message):
    __slots__ = ("client", "impact")
    CLIENT_FIELD_NUMBER: _ClassVar[int]
    IMPACT_FIELD_NUMBER: _ClassVar[int]
    client: _client_pb2.Client
    impact: Impact
    def __init__(self, client: _Optional[_Union[_client_pb2.Client, _Mapping]] = ..., impact: _Optional[_Union[Impact, _Mapping]] = ...) -> None: ...

class ImportClientRequest(_message.Message):
    __slots__ = ("client_id", "secret_hash", "client")
    CLIENT_ID_FIELD_NUMBER: _ClassVar[int]
    SECRET_HASH_FIELD_NUMBER: _ClassVar[int]
    CLIENT_FIELD_NUMBER: _ClassVar[int]
    client_id: str
    secret_hash: str
    client: CreateClientRequest
    def __init__(self, client_id: _Optional[str] = ..., secret_hash: _Optional[str] = ..., client: _Optional[_Union[CreateClientRequest, _Mapping]] = ...) -> None: ...

class BatchImportClientsRequest(_message.Message):
    __slots__ = ("requests",)
    REQUESTS_FIELD_NUMBER: _ClassVar[int]
    requests: _containers.RepeatedCompositeFieldContainer[ImportClientRequest]
    def __init__(self, requests: _Optional[_Iterable[_Union[ImportClientRequest, _Mapping]]] = ...) -> None: ...

class ImportClientResult(_message.Message):
    __slots__ = ("created", "existing", "refusal")
    CREATED_FIELD_NUMBER: _ClassVar[int]
    EXISTING_FIELD_NUMBER: _ClassVar[int]
    REFUSAL_FIELD_NUMBER: _ClassVar[int]
    created: _client_pb2.Client
    existing: _client_pb2.Client
    refusal: _refusal_pb2.Refusal
    def __init__(self, created: _Optional[_Union[_client_pb2.Client, _Mapping]] = ..., existing: _Optional[_Union[_client_pb2.Client, _Mapping]] = ..., refusal: _Optional[_Union[_refusal_pb2.Refusal, _Mapping]] = ...) -> None: ...

class BatchImportClientsResponse(_message.Message):
    __slots__ = ("results",)
    RESULTS_FIELD_NUMBER: _ClassVar[int]
    results: _containers.RepeatedCompositeFieldContainer[ImportClientResult]
    def __init__(self, results: _Optional[_Iterable[_Union[ImportClientResult, _Mapping]]] = ...) -> None: ...
