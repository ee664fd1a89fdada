import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class InspectLeakedRequest(_message.Message):
    __slots__ = ("texts",)
    TEXTS_FIELD_NUMBER: _ClassVar[int]
    texts: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, texts: _Optional[_Iterable[str]] = ...) -> None: ...

class InspectLeakedResponse(_message.Message):
    __slots__ = ("results",)
    RESULTS_FIELD_NUMBER: _ClassVar[int]
    results: _containers.RepeatedCompositeFieldContainer[LeakedText]
    def __init__(self, results: _Optional[_Iterable[_Union[LeakedText, _Mapping]]] = ...) -> None: ...

class LeakedText(_message.Message):
    __slots__ = ("kind", "live", "client_id", "client_name", "organization", "scope", "expire_time", "id")
    class Kind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        KIND_UNSPECIFIED: _ClassVar[LeakedText.Kind]
        KIND_ACCESS_TOKEN: _ClassVar[LeakedText.Kind]
        KIND_CLIENT_SECRET: _ClassVar[LeakedText.Kind]
    KIND_UNSPECIFIED: LeakedText.Kind
    KIND_ACCESS_TOKEN: LeakedText.Kind
    KIND_CLIENT_SECRET: LeakedText.Kind
    KIND_FIELD_NUMBER: _ClassVar[int]
    LIVE_FIELD_NUMBER: _ClassVar[int]
    CLIENT_ID_FIELD_NUMBER: _ClassVar[int]
    CLIENT_NAME_FIELD_NUMBER: _ClassVar[int]
    ORGANIZATION_FIELD_NUMBER: _ClassVar[int]
    SCOPE_FIELD_NUMBER: _ClassVar[int]
    EXPIRE_TIME_FIELD_NUMBER: _ClassVar[int]
    ID_FIELD_NUMBER: _ClassVar[int]
    kind: LeakedText.Kind
    live: bool
    client_id: str
    client_name: str
    organization: str
    scope: str
    expire_time: _timestamp_pb2.Timestamp
    id: str
    def __init__(self, kind: _Optional[_Union[LeakedText.Kind, str]] = ..., live: _Optional[bool] = ..., client_id: _Optional[str] = ..., client_name: _Optional[str] = ..., organization: _Optional[str] = ..., scope: _Optional[str] = ..., expire_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., id: _Optional[str] = ...) -> None: ...

class ReportLeakedRequest(_message.Message):
    __slots__ = ("text", "source", "client_id")
    TEXT_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    CLIENT_ID_FIELD_NUMBER: _ClassVar[int]
    text: str
    source: str
    client_id: str
    def __init__(self, text: _Optional[str] = ..., source: _Optional[str] = ..., client_id: _Optional[str] = ...) -> None: ...

class ReportLeakedResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...
