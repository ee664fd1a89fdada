from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class TokenRecord(_message.Message):
    __slots__ = ("client_id", "epoch", "issued_at_seconds", "lifetime_seconds", "scope", "audiences", "secret_id")
    CLIENT_ID_FIELD_NUMBER: _ClassVar[int]
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    ISSUED_AT_SECONDS_FIELD_NUMBER: _ClassVar[int]
    LIFETIME_SECONDS_FIELD_NUMBER: _ClassVar[int]
    SCOPE_FIELD_NUMBER: _ClassVar[int]
    AUDIENCES_FIELD_NUMBER: _ClassVar[int]
    SECRET_ID_FIELD_NUMBER: _ClassVar[int]
    client_id: str
    epoch: int
    issued_at_seconds: int
    lifetime_seconds: int
    scope: str
    audiences: _containers.RepeatedScalarFieldContainer[str]
    secret_id: str
    def __init__(self, client_id: _Optional[str] = ..., epoch: _Optional[int] = ..., issued_at_seconds: _Optional[int] = ..., lifetime_seconds: _Optional[int] = ..., scope: _Optional[str] = ..., audiences: _Optional[_Iterable[str]] = ..., secret_id: _Optional[str] = ...) -> None: ...

class SecretRecord(_message.Message):
    __slots__ = ("secret_id", "digest", "created_at_microseconds", "expires_at_microseconds", "foreign_hash")
    SECRET_ID_FIELD_NUMBER: _ClassVar[int]
    DIGEST_FIELD_NUMBER: _ClassVar[int]
    CREATED_AT_MICROSECONDS_FIELD_NUMBER: _ClassVar[int]
    EXPIRES_AT_MICROSECONDS_FIELD_NUMBER: _ClassVar[int]
    FOREIGN_HASH_FIELD_NUMBER: _ClassVar[int]
    secret_id: str
    digest: bytes
    created_at_microseconds: int
    expires_at_microseconds: int
    foreign_hash: str
    def __init__(self, secret_id: _Optional[str] = ..., digest: _Optional[bytes] = ..., created_at_microseconds: _Optional[int] = ..., expires_at_microseconds: _Optional[int] = ..., foreign_hash: _Optional[str] = ...) -> None: ...

class RetiredSecretRecord(_message.Message):
    __slots__ = ("secret_id", "digest", "retired_at_microseconds")
    SECRET_ID_FIELD_NUMBER: _ClassVar[int]
    DIGEST_FIELD_NUMBER: _ClassVar[int]
    RETIRED_AT_MICROSECONDS_FIELD_NUMBER: _ClassVar[int]
    secret_id: str
    digest: bytes
    retired_at_microseconds: int
    def __init__(self, secret_id: _Optional[str] = ..., digest: _Optional[bytes] = ..., retired_at_microseconds: _Optional[int] = ...) -> None: ...

class RevocationRecord(_message.Message):
    __slots__ = ("below_epoch", "secret_id", "issued_from_microseconds", "issued_before_microseconds", "forget_at_microseconds", "revoked_at_microseconds")
    BELOW_EPOCH_FIELD_NUMBER: _ClassVar[int]
    SECRET_ID_FIELD_NUMBER: _ClassVar[int]
    ISSUED_FROM_MICROSECONDS_FIELD_NUMBER: _ClassVar[int]
    ISSUED_BEFORE_MICROSECONDS_FIELD_NUMBER: _ClassVar[int]
    FORGET_AT_MICROSECONDS_FIELD_NUMBER: _ClassVar[int]
    REVOKED_AT_MICROSECONDS_FIELD_NUMBER: _ClassVar[int]
    below_epoch: int
    secret_id: str
    issued_from_microseconds: int
    issued_before_microseconds: int
    forget_at_microseconds: int
    revoked_at_microseconds: int
    def __init__(self, below_epoch: _Optional[int] = ..., secret_id: _Optional[str] = ..., issued_from_microseconds: _Optional[int] = ..., issued_before_microseconds: _Optional[int] = ..., forget_at_microseconds: _Optional[int] = ..., revoked_at_microseconds: _Optional[int] = ...) -> None: ...

class ClientRecord(_message.Message):
    __slots__ = ("client_id", "name", "allowed_scopes", "has_default_scopes", "default_scopes", "audiences", "token_lifetime_seconds", "permissions", "auth_methods", "secrets", "epoch", "created_at_microseconds", "updated_at_microseconds", "disabled_at_microseconds", "organization", "description", "labels", "created_by", "updated_by", "disabled_by", "min_epoch", "revocations", "retired_secrets", "own_audiences", "longest_token_lifetime_seconds", "tokens_revoked_at_microseconds")
    class LabelsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
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
    ORGANIZATION_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    LABELS_FIELD_NUMBER: _ClassVar[int]
    CREATED_BY_FIELD_NUMBER: _ClassVar[int]
    UPDATED_BY_FIELD_NUMBER: _ClassVar[int]
    DISABLED_BY_FIELD_NUMBER: _ClassVar[int]
    MIN_EPOCH_FIELD_NUMBER: _ClassVar[int]
    REVOCATIONS_FIELD_NUMBER: _ClassVar[int]
    RETIRED_SECRETS_FIELD_NUMBER: _ClassVar[int]
    OWN_AUDIENCES_FIELD_NUMBER: _ClassVar[int]
    LONGEST_TOKEN_LIFETIME_SECONDS_FIELD_NUMBER: _ClassVar[int]
    TOKENS_REVOKED_AT_MICROSECONDS_FIELD_NUMBER: _ClassVar[int]
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
    organization: str
    description: str
    labels: _containers.ScalarMap[str, str]
    created_by: str
    updated_by: str
    disabled_by: str
    min_epoch: int
    revocations: _containers.RepeatedCompositeFieldContainer[RevocationRecord]
    retired_secrets: _containers.RepeatedCompositeFieldContainer[RetiredSecretRecord]
    own_audiences: _containers.RepeatedScalarFieldContainer[str]
    longest_token_lifetime_seconds: int
    tokens_revoked_at_microseconds: int
    def __init__(self, client_id: _Optional[str] = ..., name: _Optional[str] = ..., allowed_scopes: _Optional[_Iterable[str]] = ..., has_default_scopes: _Optional[bool] = ..., default_scopes: _Optional[_Iterable[str]] = ..., audiences: _Optional[_Iterable[str]] = ..., token_lifetime_seconds: _Optional[int] = ..., permissions: _Optional[_Iterable[str]] = ..., auth_methods: _Optional[_Iterable[str]] = ..., secrets: _Optional[_Iterable[_Union[SecretRecord, _Mapping]]] = ..., epoch: _Optional[int] = ..., created_at_microseconds: _Optional[int] = ..., updated_at_microseconds: _Optional[int] = ..., disabled_at_microseconds: _Optional[int] = ..., organization: _Optional[str] = ..., description: _Optional[str] = ..., labels: _Optional[_Mapping[str, str]] = ..., created_by: _Optional[str] = ..., updated_by: _Optional[str] = ..., disabled_by: _Optional[str] = ..., min_epoch: _Optional[int] = ..., revocations: _Optional[_Iterable[_Union[RevocationRecord, _Mapping]]] = ..., retired_secrets: _Optional[_Iterable[_Union[RetiredSecretRecord, _Mapping]]] = ..., own_audiences: _Optional[_Iterable[str]] = ..., longest_token_lifetime_seconds: _Optional[int] = ..., tokens_revoked_at_microseconds: _Optional[int] = ...) -> None: ...

class OutcomeRecord(_message.Message):
    __slots__ = ("fingerprint", "client_id", "salt")
    FINGERPRINT_FIELD_NUMBER: _ClassVar[int]
    CLIENT_ID_FIELD_NUMBER: _ClassVar[int]
    SALT_FIELD_NUMBER: _ClassVar[int]
    fingerprint: bytes
    client_id: str
    salt: bytes
    def __init__(self, fingerprint: _Optional[bytes] = ..., client_id: _Optional[str] = ..., salt: _Optional[bytes] = ...) -> None: ...

class ChangeRecord(_message.Message):
    __slots__ = ("field", "before", "after")
    FIELD_FIELD_NUMBER: _ClassVar[int]
    BEFORE_FIELD_NUMBER: _ClassVar[int]
    AFTER_FIELD_NUMBER: _ClassVar[int]
    field: str
    before: str
    after: str
    def __init__(self, field: _Optional[str] = ..., before: _Optional[str] = ..., after: _Optional[str] = ...) -> None: ...

class AuditEntryRecord(_message.Message):
    __slots__ = ("at_microseconds", "kind", "client_id", "actor", "source", "request_id", "changes", "failure", "secret_id")
    AT_MICROSECONDS_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    CLIENT_ID_FIELD_NUMBER: _ClassVar[int]
    ACTOR_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    CHANGES_FIELD_NUMBER: _ClassVar[int]
    FAILURE_FIELD_NUMBER: _ClassVar[int]
    SECRET_ID_FIELD_NUMBER: _ClassVar[int]
    at_microseconds: int
    kind: str
    client_id: str
    actor: str
    source: str
    request_id: str
    changes: _containers.RepeatedCompositeFieldContainer[ChangeRecord]
    failure: str
    secret_id: str
    def __init__(self, at_microseconds: _Optional[int] = ..., kind: _Optional[str] = ..., client_id: _Optional[str] = ..., actor: _Optional[str] = ..., source: _Optional[str] = ..., request_id: _Optional[str] = ..., changes: _Optional[_Iterable[_Union[ChangeRecord, _Mapping]]] = ..., failure: _Optional[str] = ..., secret_id: _Optional[str] = ...) -> None: ...

class RevokedTokensRecord(_message.Message):
    __slots__ = ("client_id", "secret_id", "issued_from_microseconds", "issued_before_microseconds")
    CLIENT_ID_FIELD_NUMBER: _ClassVar[int]
    SECRET_ID_FIELD_NUMBER: _ClassVar[int]
    ISSUED_FROM_MICROSECONDS_FIELD_NUMBER: _ClassVar[int]
    ISSUED_BEFORE_MICROSECONDS_FIELD_NUMBER: _ClassVar[int]
    client_id: str
    secret_id: str
    issued_from_microseconds: int
    issued_before_microseconds: int
    def __init__(self, client_id: _Optional[str] = ..., secret_id: _Optional[str] = ..., issued_from_microseconds: _Optional[int] = ..., issued_before_microseconds: _Optional[int] = ...) -> None: ...

class RevocationEventRecord(_message.Message):
    __slots__ = ("token_id", "tokens", "changed_client_id")
    TOKEN_ID_FIELD_NUMBER: _ClassVar[int]
    TOKENS_FIELD_NUMBER: _ClassVar[int]
    CHANGED_CLIENT_ID_FIELD_NUMBER: _ClassVar[int]
    token_id: str
    tokens: RevokedTokensRecord
    changed_client_id: str
    def __init__(self, token_id: _Optional[str] = ..., tokens: _Optional[_Union[RevokedTokensRecord, _Mapping]] = ..., changed_client_id: _Optional[str] = ...) -> None: ...
