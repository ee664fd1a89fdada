from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class TokenRecord(_message.Message):
    __slots__ = ("client_id", "epoch", "issued_at_seconds", "lifetime_seconds", "scope", "audiences")
    CLIENT_ID_FIELD_NUMBER: _ClassVar[int]
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    ISSUED_AT_SECONDS_FIELD_NUMBER: _ClassVar[int]
    LIFETIME_SECONDS_FIELD_NUMBER: _ClassVar[int]
    SCOPE_FIELD_NUMBER: _ClassVar[int]
    AUDIENCES_FIELD_NUMBER: _ClassVar[int]
    client_id: str
    epoch: int
    issued_at_seconds: int
    lifetime_seconds: int
    scope: str
    audiences: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, client_id: _Optional[str] = ..., epoch: _Optional[int] = ..., issued_at_seconds: _Optional[int] = ..., lifetime_seconds: _Optional[int] = ..., scope: _Optional[str] = ..., audiences: _Optional[_Iterable[str]] = ...) -> None: ...

class SecretRecord(_message.Message):
    __slots__ = ("secret_id", "digest", "created_at_microseconds")
    SECRET_ID_FIELD_NUMBER: _ClassVar[int]
    DIGEST_FIELD_NUMBER: _ClassVar[int]
    CREATED_AT_MICROSECONDS_FIELD_NUMBER: _ClassVar[int]
    secret_id: str
    digest: bytes
    created_at_microseconds: int
    def __init__(self, secret_id: _Optional[str] = ..., digest: _Optional[bytes] = ..., created_at_microseconds: _Optional[int] = ...) -> None: ...

class ClientRecord(_message.Message):
    __slots__ = ("client_id", "name", "allowed_scopes", "has_default_scopes", "default_scopes", "audiences", "token_lifetime_seconds", "permissions", "auth_methods", "secrets", "epoch", "created_at_microseconds", "updated_at_microseconds", "disabled_at_microseconds")
    CLIENT_ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    ALLOWED_SCOPES_FIELD_NUMBER: _ClassVar[int]
    HAS_DEFAULT_SCOPES_FIELD_NUMBER: _ClassVar[int]
    DEFAULT_SCOPES_FIELD_NUMBER: _ClassVar[int]
    AUDIENCES_FIELD_NUMBER: _ClassVar[int]
    TOKEN_LIFETIME_SECONDS_FIELD_NUMBER: _ClassVar[int]
    PERMISSIONS_FIELD_NUMBER: _ClassVar[int]
    AUTH_METHODS_FIELD_NUMBER: _ClassVar[int]
    SECRETS_FIELD_NUMBER: _ClassVar[int]
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    CREATED_AT_MICROSECONDS_FIELD_NUMBER: _ClassVar[int]
    UPDATED_AT_MICROSECONDS_FIELD_NUMBER: _ClassVar[int]
    DISABLED_AT_MICROSECONDS_FIELD_NUMBER: _ClassVar[int]
    client_id: str
    name: str
    allowed_scopes: _containers.RepeatedScalarFieldContainer[str]
    has_default_scopes: bool
    default_scopes: _containers.RepeatedScalarFieldContainer[str]
    audiences: _containers.RepeatedScalarFieldContainer[str]
    token_lifetime_seconds: int
    permissions: _containers.RepeatedScalarFieldContainer[str]
    auth_methods: _containers.RepeatedScalarFieldContainer[str]
    secrets: _containers.RepeatedCompositeFieldContainer[SecretRecord]
    epoch: int
    created_at_microseconds: int
    updated_at_microseconds: int
    disabled_at_microseconds: int
    def __init__(self, client_id: _Optional[str] = ..., name: _Optional[str] = ..., allowed_scopes: _Optional[_Iterable[str]] = ..., has_default_scopes: _Optional[bool] = ..., default_scopes: _Optional[_Iterable[str]] = ..., audiences: _Optional[_Iterable[str]] = ..., token_lifetime_seconds: _Optional[int] = ..., permissions: _Optional[_Iterable[str]] = ..., auth_methods: _Optional[_Iterable[str]] = ..., secrets: _Optional[_Iterable[_Union[SecretRecord, _Mapping]]] = ..., epoch: _Optional[int] = ..., created_at_microseconds: _Optional[int] = ..., updated_at_microseconds: _Optional[int] = ..., disabled_at_microseconds: _Optional[int] = ...) -> None: ...
