import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class AuditKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    AUDIT_KIND_UNSPECIFIED: _ClassVar[AuditKind]
    AUDIT_KIND_CLIENT_CREATED: _ClassVar[AuditKind]
    AUDIT_KIND_CLIENT_IMPORTED: _ClassVar[AuditKind]
    AUDIT_KIND_CLIENT_UPDATED: _ClassVar[AuditKind]
    AUDIT_KIND_CLIENT_DISABLED: _ClassVar[AuditKind]
    AUDIT_KIND_CLIENT_ENABLED: _ClassVar[AuditKind]
    AUDIT_KIND_CLIENT_DELETED: _ClassVar[AuditKind]
    AUDIT_KIND_SECRET_ROTATED: _ClassVar[AuditKind]
    AUDIT_KIND_SECRET_RETIRED: _ClassVar[AuditKind]
    AUDIT_KIND_SECRET_ADOPTED: _ClassVar[AuditKind]
    AUDIT_KIND_TOKENS_REVOKED: _ClassVar[AuditKind]
    AUDIT_KIND_CLIENT_PANICKED: _ClassVar[AuditKind]
    AUDIT_KIND_LEAK_REPORTED: _ClassVar[AuditKind]
    AUDIT_KIND_AUTHENTICATION_FAILED: _ClassVar[AuditKind]

class AuthenticationFailure(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    AUTHENTICATION_FAILURE_UNSPECIFIED: _ClassVar[AuthenticationFailure]
    AUTHENTICATION_FAILURE_UNKNOWN_CLIENT: _ClassVar[AuthenticationFailure]
    AUTHENTICATION_FAILURE_WRONG_SECRET: _ClassVar[AuthenticationFailure]
    AUTHENTICATION_FAILURE_EXPIRED_SECRET: _ClassVar[AuthenticationFailure]
    AUTHENTICATION_FAILURE_DISABLED_CLIENT: _ClassVar[AuthenticationFailure]
    AUTHENTICATION_FAILURE_WRONG_ENVIRONMENT: _ClassVar[AuthenticationFailure]
    AUTHENTICATION_FAILURE_WRONG_METHOD: _ClassVar[AuthenticationFailure]
    AUTHENTICATION_FAILURE_RETIRED_SECRET: _ClassVar[AuthenticationFailure]
    AUTHENTICATION_FAILURE_WEAK_SECRET: _ClassVar[AuthenticationFailure]
AUDIT_KIND_UNSPECIFIED: AuditKind
AUDIT_KIND_CLIENT_CREATED: AuditKind
AUDIT_KIND_CLIENT_IMPORTED: AuditKind
AUDIT_KIND_CLIENT_UPDATED: AuditKind
AUDIT_KIND_CLIENT_DISABLED: AuditKind
AUDIT_KIND_CLIENT_ENABLED: AuditKind
AUDIT_KIND_CLIENT_DELETED: AuditKind
AUDIT_KIND_SECRET_ROTATED: AuditKind
AUDIT_KIND_SECRET_RETIRED: AuditKind
AUDIT_KIND_SECRET_ADOPTED: AuditKind
AUDIT_KIND_TOKENS_REVOKED: AuditKind
AUDIT_KIND_CLIENT_PANICKED: AuditKind
AUDIT_KIND_LEAK_REPORTED: AuditKind
AUDIT_KIND_AUTHENTICATION_FAILED: AuditKind
AUTHENTICATION_FAILURE_UNSPECIFIED: AuthenticationFailure
AUTHENTICATION_FAILURE_UNKNOWN_CLIENT: AuthenticationFailure
AUTHENTICATION_FAILURE_WRONG_SECRET: AuthenticationFailure
AUTHENTICATION_FAILURE_EXPIRED_SECRET: AuthenticationFailure
AUTHENTICATION_FAILURE_DISABLED_CLIENT: AuthenticationFailure
AUTHENTICATION_FAILURE_WRONG_ENVIRONMENT: AuthenticationFailure
AUTHENTICATION_FAILURE_WRONG_METHOD: AuthenticationFailure
AUTHENTICATION_FAILURE_RETIRED_SECRET: AuthenticationFailure
AUTHENTICATION_FAILURE_WEAK_SECRET: AuthenticationFailure

class ReadAuditRequest(_message.Message):
    __slots__ = ("client_id", "actor", "kinds", "since", "until", "follow", "limit")
    CLIENT_ID_FIELD_NUMBER: _ClassVar[int]
    ACTOR_FIELD_NUMBER: _ClassVar[int]
    KINDS_FIELD_NUMBER: _ClassVar[int]
    SINCE_FIELD_NUMBER: _ClassVar[int]
    UNTIL_FIELD_NUMBER: _ClassVar[int]
    FOLLOW_FIELD_NUMBER: _ClassVar[int]
    LIMIT_FIELD_NUMBER: _ClassVar[int]
    client_id: str
    actor: str
    kinds: _containers.RepeatedScalarFieldContainer[AuditKind]
    since: _timestamp_pb2.Timestamp
    until: _timestamp_pb2.Timestamp
    follow: bool
    limit: int
    def __init__(self, client_id: _Optional[str] = ..., actor: _Optional[str] = ..., kinds: _Optional[_Iterable[_Union[AuditKind, str]]] = ..., since: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., until: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., follow: _Optional[bool] = ..., limit: _Optional[int] = ...) -> None: ...

class ReadAuditResponse(_message.Message):
    __slots__ = ("records",)
    RECORDS_FIELD_NUMBER: _ClassVar[int]
    records: _containers.RepeatedCompositeFieldContainer[AuditRecord]
    def __init__(self, records: _Optional[_Iterable[_Union[AuditRecord, _Mapping]]] = ...) -> None: ...

class AuditRecord(_message.Message):
    __slots__ = ("record_id", "time", "kind", "client_id", "actor", "source", "request_id", "changes", "failure", "secret_id")
    RECORD_ID_FIELD_NUMBER: _ClassVar[int]
    TIME_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    CLIENT_ID_FIELD_NUMBER: _ClassVar[int]
    ACTOR_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    CHANGES_FIELD_NUMBER: _ClassVar[int]
    FAILURE_FIELD_NUMBER: _ClassVar[int]
    SECRET_ID_FIELD_NUMBER: _ClassVar[int]
    record_id: str
    time: _timestamp_pb2.Timestamp
    kind: AuditKind
    client_id: str
    actor: str
    source: str
    request_id: str
    changes: _containers.RepeatedCompositeFieldContainer[AuditChange]
    failure: AuthenticationFailure
    secret_id: str
    def __init__(self, record_id: _Optional[str] = ..., time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., kind: _Optional[_Union[AuditKind, str]] = ..., client_id: _Optional[str] = ..., actor: _Optional[str] = ..., source: _Optional[str] = ..., request_id: _Optional[str] = ..., changes: _Optional[_Iterable[_Union[AuditChange, _Mapping]]] = ..., failure: _Optional[_Union[AuthenticationFailure, str]] = ..., secret_id: _Optional[str] = ...) -> None: ...

class AuditChange(_message.Message):
    __slots__ = ("field", "before", "after")
    FIELD_FIELD_NUMBER: _ClassVar[int]
    BEFORE_FIELD_NUMBER: _ClassVar[int]
    AFTER_FIELD_NUMBER: _ClassVar[int]
    field: str
    before: str
    after: str
    def __init__(self, field: _Optional[str] = ..., before: _Optional[str] = ..., after: _Optional[str] = ...) -> None: ...
