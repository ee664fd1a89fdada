from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from typing import ClassVar as _ClassVar

DESCRIPTOR: _descriptor.FileDescriptor

class ErrorReason(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ERROR_REASON_UNSPECIFIED: _ClassVar[ErrorReason]
    ERROR_REASON_INVALID_REQUEST: _ClassVar[ErrorReason]
    ERROR_REASON_INVALID_CLIENT: _ClassVar[ErrorReason]
    ERROR_REASON_UNAUTHORIZED_CLIENT: _ClassVar[ErrorReason]
    ERROR_REASON_UNSUPPORTED_GRANT_TYPE: _ClassVar[ErrorReason]
    ERROR_REASON_INVALID_SCOPE: _ClassVar[ErrorReason]
    ERROR_REASON_INVALID_TARGET: _ClassVar[ErrorReason]
    ERROR_REASON_RATE_LIMITED: _ClassVar[ErrorReason]
    ERROR_REASON_STORAGE_UNAVAILABLE: _ClassVar[ErrorReason]
    ERROR_REASON_INTERNAL: _ClassVar[ErrorReason]
    ERROR_REASON_CLIENT_NOT_FOUND: _ClassVar[ErrorReason]
    ERROR_REASON_CONFLICT: _ClassVar[ErrorReason]
    ERROR_REASON_ALONE_ONLY: _ClassVar[ErrorReason]
    ERROR_REASON_UNKNOWN_ACTOR: _ClassVar[ErrorReason]
    ERROR_REASON_SECRET_NOT_FOUND: _ClassVar[ErrorReason]
ERROR_REASON_UNSPECIFIED: ErrorReason
ERROR_REASON_INVALID_REQUEST: ErrorReason
ERROR_REASON_INVALID_CLIENT: ErrorReason
ERROR_REASON_UNAUTHORIZED_CLIENT: ErrorReason
ERROR_REASON_UNSUPPORTED_GRANT_TYPE: ErrorReason
ERROR_REASON_INVALID_SCOPE: ErrorReason
ERROR_REASON_INVALID_TARGET: ErrorReason
ERROR_REASON_RATE_LIMITED: ErrorReason
ERROR_REASON_STORAGE_UNAVAILABLE: ErrorReason
ERROR_REASON_INTERNAL: ErrorReason
ERROR_REASON_CLIENT_NOT_FOUND: ErrorReason
ERROR_REASON_CONFLICT: ErrorReason
ERROR_REASON_ALONE_ONLY: ErrorReason
ERROR_REASON_UNKNOWN_ACTOR: ErrorReason
ERROR_REASON_SECRET_NOT_FOUND: ErrorReason
