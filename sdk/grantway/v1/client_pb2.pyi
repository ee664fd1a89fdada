import datetime

from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Environment(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ENVIRONMENT_UNSPECIFIED: _ClassVar[Environment]
    ENVIRONMENT_LIVE: _ClassVar[Environment]
    ENVIRONMENT_TEST: _ClassVar[Environment]

class ClientAuthMethod(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CLIENT_AUTH_METHOD_UNSPECIFIED: _ClassVar[ClientAuthMethod]
    CLIENT_AUTH_METHOD_CLIENT_SECRET_BASIC: _ClassVar[ClientAuthMethod]
    CLIENT_AUTH_METHOD_CLIENT_SECRET_POST: _ClassVar[ClientAuthMethod]
    CLIENT_AUTH_METHOD_UNKNOWN: _ClassVar[ClientAuthMethod]

class Permission(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    PERMISSION_UNSPECIFIED: _ClassVar[Permission]
    PERMISSION_ISSUE_TOKENS: _ClassVar[Permission]
    PERMISSION_INTROSPECT_TOKENS: _ClassVar[Permission]
ENVIRONMENT_UNSPECIFIED: Environment
ENVIRONMENT_LIVE: Environment
ENVIRONMENT_TEST: Environment
CLIENT_AUTH_METHOD_UNSPECIFIED: ClientAuthMethod
CLIENT_AUTH_METHOD_CLIENT_SECRET_BASIC: ClientAuthMethod
CLIENT_AUTH_METHOD_CLIENT_SECRET_POST: ClientAuthMethod
CLIENT_AUTH_METHOD_UNKNOWN: ClientAuthMethod
PERMISSION_UNSPECIFIED: Permission
PERMISSION_ISSUE_TOKENS: Permission
PERMISSION_INTROSPECT_TOKENS: Permission

class ScopeSet(_message.Message):
    __slots__ = ("scopes",)
    SCOPES_FIELD_NUMBER: _ClassVar[int]
    scopes: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, scopes: _Optional[_Iterable[str]] = ...) -> None: ...

class Client(_message.Message):
    __slots__ = ("client_id", "name", "environment", "allowed_scopes", "default_scopes", "audiences", "own_audiences", "token_lifetime", "permissions", "auth_methods", "create_time", "update_time", "disable_time", "organization", "description", "labels", "create_actor", "update_actor", "disable_actor", "etag", "last_token_time")
    class LabelsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    CLIENT_ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    ENVIRONMENT_FIELD_NUMBER: _ClassVar[int]
    ALLOWED_SCOPES_FIELD_NUMBER: _ClassVar[int]
    DEFAULT_SCOPES_FIELD_NUMBER: _ClassVar[int]
    AUDIENCES_FIELD_NUMBER: _ClassVar[int]
    OWN_AUDIENCES_FIELD_NUMBER: _ClassVar[int]
    TOKEN_LIFETIME_FIELD_NUMBER: _ClassVar[int]
    PERMISSIONS_FIELD_NUMBER: _ClassVar[int]
    AUTH_METHODS_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    UPDATE_TIME_FIELD_NUMBER: _ClassVar[int]
    DISABLE_TIME_FIELD_NUMBER: _ClassVar[int]
    ORGANIZATION_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    LABELS_FIELD_NUMBER: _ClassVar[int]
    CREATE_ACTOR_FIELD_NUMBER: _ClassVar[int]
    UPDATE_ACTOR_FIELD_NUMBER: _ClassVar[int]
    DISABLE_ACTOR_FIELD_NUMBER: _ClassVar[int]
    ETAG_FIELD_NUMBER: _ClassVar[int]
    LAST_TOKEN_TIME_FIELD_NUMBER: _ClassVar[int]
    client_id: str
    name: str
    environment: Environment
    allowed_scopes: _containers.RepeatedScalarFieldContainer[str]
    default_scopes: ScopeSet
    audiences: _containers.RepeatedScalarFieldContainer[str]
    own_audiences: _containers.RepeatedScalarFieldContainer[str]
    token_lifetime: _duration_pb2.Duration
    permissions: _containers.RepeatedScalarFieldContainer[Permission]
    auth_methods: _containers.RepeatedScalarFieldContainer[ClientAuthMethod]
    create_time: _timestamp_pb2.Timestamp
    update_time: _timestamp_pb2.Timestamp
    disable_time: _timestamp_pb2.Timestamp
    organization: str
    description: str
    labels: _containers.ScalarMap[str, str]
    create_actor: str
    update_actor: str
    disable_actor: str
    etag: str
    last_token_time: _timestamp_pb2.Timestamp
    def __init__(self, client_id: _Optional[str] = ..., name: _Optional[str] = ..., environment: _Optional[_Union[Environment, str]] = ..., allowed_scopes: _Optional[_Iterable[str]] = ..., default_scopes: _Optional[_Union[ScopeSet, _Mapping]] = ..., audiences: _Optional[_Iterable[str]] = ..., own_audiences: _Optional[_Iterable[str]] = ..., token_lifetime: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., permissions: _Optional[_Iterable[_Union[Permission, str]]] = ..., auth_methods: _Optional[_Iterable[_Union[ClientAuthMethod, str]]] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., update_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., disable_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., organization: _Optional[str] = ..., description: _Optional[str] = ..., labels: _Optional[_Mapping[str, str]] = ..., create_actor: _Optional[str] = ..., update_actor: _Optional[str] = ..., disable_actor: _Optional[str] = ..., etag: _Optional[str] = ..., last_token_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class Secret(_message.Message):
    __slots__ = ("secret_id", "create_time", "expire_time", "last_use_time", "last_use_source", "use_count", "first_use_time", "imported", "verdict")
    SECRET_ID_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    EXPIRE_TIME_FIELD_NUMBER: _ClassVar[int]
    LAST_USE_TIME_FIELD_NUMBER: _ClassVar[int]
    LAST_USE_SOURCE_FIELD_NUMBER: _ClassVar[int]
    USE_COUNT_FIELD_NUMBER: _ClassVar[int]
    FIRST_USE_TIME_FIELD_NUMBER: _ClassVar[int]
    IMPORTED_FIELD_NUMBER: _ClassVar[int]
    VERDICT_FIELD_NUMBER: _ClassVar[int]
    secret_id: str
    create_time: _timestamp_pb2.Timestamp
    expire_time: _timestamp_pb2.Timestamp
    last_use_time: _timestamp_pb2.Timestamp
    last_use_source: str
    use_count: int
    first_use_time: _timestamp_pb2.Timestamp
    imported: bool
    verdict: RetirementVerdict
    def __init__(self, secret_id: _Optional[str] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., expire_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., last_use_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., last_use_source: _Optional[str] = ..., use_count: _Optional[int] = ..., first_use_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., imported: _Optional[bool] = ..., verdict: _Optional[_Union[RetirementVerdict, _Mapping]] = ...) -> None: ...

class RetirementVerdict(_message.Message):
    __slots__ = ("safe", "basis", "quiet_for")
    class Basis(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        BASIS_UNSPECIFIED: _ClassVar[RetirementVerdict.Basis]
        BASIS_REPLACED: _ClassVar[RetirementVerdict.Basis]
        BASIS_NEWEST: _ClassVar[RetirementVerdict.Basis]
        BASIS_NEWER_UNUSED: _ClassVar[RetirementVerdict.Basis]
        BASIS_STILL_USED: _ClassVar[RetirementVerdict.Basis]
        BASIS_EXPIRED: _ClassVar[RetirementVerdict.Basis]
    BASIS_UNSPECIFIED: RetirementVerdict.Basis
    BASIS_REPLACED: RetirementVerdict.Basis
    BASIS_NEWEST: RetirementVerdict.Basis
    BASIS_NEWER_UNUSED: RetirementVerdict.Basis
    BASIS_STILL_USED: RetirementVerdict.Basis
    BASIS_EXPIRED: RetirementVerdict.Basis
    SAFE_FIELD_NUMBER: _ClassVar[int]
    BASIS_FIELD_NUMBER: _ClassVar[int]
    QUIET_FOR_FIELD_NUMBER: _ClassVar[int]
    safe: bool
    basis: RetirementVerdict.Basis
    quiet_for: _duration_pb2.Duration
    def __init__(self, safe: _Optional[bool] = ..., basis: _Optional[_Union[RetirementVerdict.Basis, str]] = ..., quiet_for: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ...) -> None: ...
