import datetime

from google.protobuf import duration_pb2 as _duration_pb2
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

class InactiveReason(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    INACTIVE_REASON_UNSPECIFIED: _ClassVar[InactiveReason]
    INACTIVE_REASON_MALFORMED: _ClassVar[InactiveReason]
    INACTIVE_REASON_OTHER_ENVIRONMENT: _ClassVar[InactiveReason]
    INACTIVE_REASON_UNKNOWN: _ClassVar[InactiveReason]
    INACTIVE_REASON_EXPIRED: _ClassVar[InactiveReason]
    INACTIVE_REASON_REVOKED: _ClassVar[InactiveReason]
    INACTIVE_REASON_CLIENT_DISABLED: _ClassVar[InactiveReason]
    INACTIVE_REASON_CLIENT_DELETED: _ClassVar[InactiveReason]
    INACTIVE_REASON_WRONG_AUDIENCE: _ClassVar[InactiveReason]
INACTIVE_REASON_UNSPECIFIED: InactiveReason
INACTIVE_REASON_MALFORMED: InactiveReason
INACTIVE_REASON_OTHER_ENVIRONMENT: InactiveReason
INACTIVE_REASON_UNKNOWN: InactiveReason
INACTIVE_REASON_EXPIRED: InactiveReason
INACTIVE_REASON_REVOKED: InactiveReason
INACTIVE_REASON_CLIENT_DISABLED: InactiveReason
INACTIVE_REASON_CLIENT_DELETED: InactiveReason
INACTIVE_REASON_WRONG_AUDIENCE: InactiveReason

class ClientCredentials(_message.Message):
    __slots__ = ("client_id", "client_secret", "auth_method", "source")
    CLIENT_ID_FIELD_NUMBER: _ClassVar[int]
    CLIENT_SECRET_FIELD_NUMBER: _ClassVar[int]
    AUTH_METHOD_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    client_id: str
    client_secret: str
    auth_method: _client_pb2.ClientAuthMethod
    source: str
    def __init__(self, client_id: _Optional[str] = ..., client_secret: _Optional[str] = ..., auth_method: _Optional[_Union[_client_pb2.ClientAuthMethod, str]] = ..., source: _Optional[str] = ...) -> None: ...

class IssueTokenRequest(_message.Message):
    __slots__ = ("grant_type", "client_id", "client_secret", "scope", "audiences", "auth_method", "source")
    GRANT_TYPE_FIELD_NUMBER: _ClassVar[int]
    CLIENT_ID_FIELD_NUMBER: _ClassVar[int]
    CLIENT_SECRET_FIELD_NUMBER: _ClassVar[int]
    SCOPE_FIELD_NUMBER: _ClassVar[int]
    AUDIENCES_FIELD_NUMBER: _ClassVar[int]
    AUTH_METHOD_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    grant_type: str
    client_id: str
    client_secret: str
    scope: str
    audiences: _containers.RepeatedScalarFieldContainer[str]
    auth_method: _client_pb2.ClientAuthMethod
    source: str
    def __init__(self, grant_type: _Optional[str] = ..., client_id: _Optional[str] = ..., client_secret: _Optional[str] = ..., scope: _Optional[str] = ..., audiences: _Optional[_Iterable[str]] = ..., auth_method: _Optional[_Union[_client_pb2.ClientAuthMethod, str]] = ..., source: _Optional[str] = ...) -> None: ...

class IssueTokenResponse(_message.Message):
    __slots__ = ("access_token", "expires_in", "scope", "secret_expire_time")
    ACCESS_TOKEN_FIELD_NUMBER: _ClassVar[int]
    EXPIRES_IN_FIELD_NUMBER: _ClassVar[int]
    SCOPE_FIELD_NUMBER: _ClassVar[int]
    SECRET_EXPIRE_TIME_FIELD_NUMBER: _ClassVar[int]
    access_token: str
    expires_in: _duration_pb2.Duration
    scope: str
    secret_expire_time: _timestamp_pb2.Timestamp
    def __init__(self, access_token: _Optional[str] = ..., expires_in: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., scope: _Optional[str] = ..., secret_expire_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class BatchIssueTokensRequest(_message.Message):
    __slots__ = ("requests",)
    REQUESTS_FIELD_NUMBER: _ClassVar[int]
    requests: _containers.RepeatedCompositeFieldContainer[IssueTokenRequest]
    def __init__(self, requests: _Optional[_Iterable[_Union[IssueTokenRequest, _Mapping]]] = ...) -> None: ...

class IssueTokenResult(_message.Message):
    __slots__ = ("token", "refusal")
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    REFUSAL_FIELD_NUMBER: _ClassVar[int]
    token: IssueTokenResponse
    refusal: _refusal_pb2.Refusal
    def __init__(self, token: _Optional[_Union[IssueTokenResponse, _Mapping]] = ..., refusal: _Optional[_Union[_refusal_pb2.Refusal, _Mapping]] = ...) -> None: ...

class BatchIssueTokensResponse(_message.Message):
    __slots__ = ("results",)
    RESULTS_FIELD_NUMBER: _ClassVar[int]
    results: _containers.RepeatedCompositeFieldContainer[IssueTokenResult]
    def __init__(self, results: _Optional[_Iterable[_Union[IssueTokenResult, _Mapping]]] = ...) -> None: ...

class StreamIssueTokensRequest(_message.Message):
    __slots__ = ("requests",)
    REQUESTS_FIELD_NUMBER: _ClassVar[int]
    requests: _containers.RepeatedCompositeFieldContainer[IssueTokenRequest]
    def __init__(self, requests: _Optional[_Iterable[_Union[IssueTokenRequest, _Mapping]]] = ...) -> None: ...

class StreamIssueTokensResponse(_message.Message):
    __slots__ = ("results",)
    RESULTS_FIELD_NUMBER: _ClassVar[int]
    results: _containers.RepeatedCompositeFieldContainer[IssueTokenResult]
    def __init__(self, results: _Optional[_Iterable[_Union[IssueTokenResult, _Mapping]]] = ...) -> None: ...

class IntrospectTokenRequest(_message.Message):
    __slots__ = ("token", "audiences", "credentials")
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    AUDIENCES_FIELD_NUMBER: _ClassVar[int]
    CREDENTIALS_FIELD_NUMBER: _ClassVar[int]
    token: str
    audiences: _containers.RepeatedScalarFieldContainer[str]
    credentials: ClientCredentials
    def __init__(self, token: _Optional[str] = ..., audiences: _Optional[_Iterable[str]] = ..., credentials: _Optional[_Union[ClientCredentials, _Mapping]] = ...) -> None: ...

class IntrospectTokenResponse(_message.Message):
    __slots__ = ("active", "client_id", "scope", "audiences", "issue_time", "expire_time", "token_id", "environment", "client_name", "organization", "inactive_reason", "revocation_position", "remaining_milliseconds")
    ACTIVE_FIELD_NUMBER: _ClassVar[int]
    CLIENT_ID_FIELD_NUMBER: _ClassVar[int]
    SCOPE_FIELD_NUMBER: _ClassVar[int]
    AUDIENCES_FIELD_NUMBER: _ClassVar[int]
    ISSUE_TIME_FIELD_NUMBER: _ClassVar[int]
    EXPIRE_TIME_FIELD_NUMBER: _ClassVar[int]
    TOKEN_ID_FIELD_NUMBER: _ClassVar[int]
    ENVIRONMENT_FIELD_NUMBER: _ClassVar[int]
    CLIENT_NAME_FIELD_NUMBER: _ClassVar[int]
    ORGANIZATION_FIELD_NUMBER: _ClassVar[int]
    INACTIVE_REASON_FIELD_NUMBER: _ClassVar[int]
    REVOCATION_POSITION_FIELD_NUMBER: _ClassVar[int]
    REMAINING_MILLISECONDS_FIELD_NUMBER: _ClassVar[int]
    active: bool
    client_id: str
    scope: str
    audiences: _containers.RepeatedScalarFieldContainer[str]
    issue_time: _timestamp_pb2.Timestamp
    expire_time: _timestamp_pb2.Timestamp
    token_id: str
    environment: _client_pb2.Environment
    client_name: str
    organization: str
    inactive_reason: InactiveReason
    revocation_position: bytes
    remaining_milliseconds: int
    def __init__(self, active: _Optional[bool] = ..., client_id: _Optional[str] = ..., scope: _Optional[str] = ..., audiences: _Optional[_Iterable[str]] = ..., issue_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., expire_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., token_id: _Optional[str] = ..., environment: _Optional[_Union[_client_pb2.Environment, str]] = ..., client_name: _Optional[str] = ..., organization: _Optional[str] = ..., inactive_reason: _Optional[_Union[InactiveReason, str]] = ..., revocation_position: _Optional[bytes] = ..., remaining_milliseconds: _Optional[int] = ...) -> None: ...

class BatchIntrospectTokensRequest(_message.Message):
    __slots__ = ("requests",)
    REQUESTS_FIELD_NUMBER: _ClassVar[int]
    requests: _containers.RepeatedCompositeFieldContainer[IntrospectTokenRequest]
    def __init__(self, requests: _Optional[_Iterable[_Union[IntrospectTokenRequest, _Mapping]]] = ...) -> None: ...

class IntrospectTokenResult(_message.Message):
    __slots__ = ("introspection", "refusal")
    INTROSPECTION_FIELD_NUMBER: _ClassVar[int]
    REFUSAL_FIELD_NUMBER: _ClassVar[int]
    introspection: IntrospectTokenResponse
    refusal: _refusal_pb2.Refusal
    def __init__(self, introspection: _Optional[_Union[IntrospectTokenResponse, _Mapping]] = ..., refusal: _Optional[_Union[_refusal_pb2.Refusal, _Mapping]] = ...) -> None: ...

class BatchIntrospectTokensResponse(_message.Message):
    __slots__ = ("results",)
    RESULTS_FIELD_NUMBER: _ClassVar[int]
    results: _containers.RepeatedCompositeFieldContainer[IntrospectTokenResult]
    def __init__(self, results: _Optional[_Iterable[_Union[IntrospectTokenResult, _Mapping]]] = ...) -> None: ...

class StreamIntrospectTokensRequest(_message.Message):
    __slots__ = ("requests",)
    REQUESTS_FIELD_NUMBER: _ClassVar[int]
    requests: _containers.RepeatedCompositeFieldContainer[IntrospectTokenRequest]
    def __init__(self, requests: _Optional[_Iterable[_Union[IntrospectTokenRequest, _Mapping]]] = ...) -> None: ...

class StreamIntrospectTokensResponse(_message.Message):
    __slots__ = ("results",)
    RESULTS_FIELD_NUMBER: _ClassVar[int]
    results: _containers.RepeatedCompositeFieldContainer[IntrospectTokenResult]
    def __init__(self, results: _Optional[_Iterable[_Union[IntrospectTokenResult, _Mapping]]] = ...) -> None: ...

class RevokeTokenRequest(_message.Message):
    __slots__ = ("token", "credentials")
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    CREDENTIALS_FIELD_NUMBER: _ClassVar[int]
    token: str
    credentials: ClientCredentials
    def __init__(self, token: _Optional[str] = ..., credentials: _Optional[_Union[ClientCredentials, _Mapping]] = ...) -> None: ...

class RevokeTokenResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class WatchRevocationsRequest(_message.Message):
    __slots__ = ("position",)
    POSITION_FIELD_NUMBER: _ClassVar[int]
    position: bytes
    def __init__(self, position: _Optional[bytes] = ...) -> None: ...

class WatchRevocationsResponse(_message.Message):
    __slots__ = ("position", "revocations", "gap", "more", "elapsed")
    POSITION_FIELD_NUMBER: _ClassVar[int]
    REVOCATIONS_FIELD_NUMBER: _ClassVar[int]
    GAP_FIELD_NUMBER: _ClassVar[int]
    MORE_FIELD_NUMBER: _ClassVar[int]
    ELAPSED_FIELD_NUMBER: _ClassVar[int]
    position: bytes
    revocations: _containers.RepeatedCompositeFieldContainer[Revocation]
    gap: bool
    more: bool
    elapsed: _duration_pb2.Duration
    def __init__(self, position: _Optional[bytes] = ..., revocations: _Optional[_Iterable[_Union[Revocation, _Mapping]]] = ..., gap: _Optional[bool] = ..., more: _Optional[bool] = ..., elapsed: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ...) -> None: ...

class Revocation(_message.Message):
    __slots__ = ("token", "tokens", "client")
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    TOKENS_FIELD_NUMBER: _ClassVar[int]
    CLIENT_FIELD_NUMBER: _ClassVar[int]
    token: RevokedToken
    tokens: RevokedTokens
    client: ChangedClient
    def __init__(self, token: _Optional[_Union[RevokedToken, _Mapping]] = ..., tokens: _Optional[_Union[RevokedTokens, _Mapping]] = ..., client: _Optional[_Union[ChangedClient, _Mapping]] = ...) -> None: ...

class RevokedToken(_message.Message):
    __slots__ = ("token_id",)
    TOKEN_ID_FIELD_NUMBER: _ClassVar[int]
    token_id: str
    def __init__(self, token_id: _Optional[str] = ...) -> None: ...

class RevokedTokens(_message.Message):
    __slots__ = ("client_id", "secret_id", "issued_from", "issued_before")
    CLIENT_ID_FIELD_NUMBER: _ClassVar[int]
    SECRET_ID_FIELD_NUMBER: _ClassVar[int]
    ISSUED_FROM_FIELD_NUMBER: _ClassVar[int]
    ISSUED_BEFORE_FIELD_NUMBER: _ClassVar[int]
    client_id: str
    secret_id: str
    issued_from: _timestamp_pb2.Timestamp
    issued_before: _timestamp_pb2.Timestamp
    def __init__(self, client_id: _Optional[str] = ..., secret_id: _Optional[str] = ..., issued_from: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., issued_before: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class ChangedClient(_message.Message):
    __slots__ = ("client_id",)
    CLIENT_ID_FIELD_NUMBER: _ClassVar[int]
    client_id: str
    def __init__(self, client_id: _Optional[str] = ...) -> None: ...
