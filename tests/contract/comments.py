"""The comments of `protos/grantway/v1`, as the compiler sees them: the API reference."""

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from google.protobuf.descriptor_pb2 import EnumDescriptorProto, FileDescriptorProto, FileDescriptorSet

_CHECKOUT = Path(__file__).parents[2]

# The field numbers of descriptor.proto that lead from a file, or from a message, to what is in it.
_MESSAGES, _ENUMS, _SERVICES = 4, 5, 6
_FIELDS = _VALUES = _METHODS = 2
_ENUMS_OF_MESSAGE = 4


@dataclass(frozen=True)
class Commented:
    """Something in the contract."""

    parent: str
    """The message, enum or service that it is in."""
    name: str
    comment: str
    """On one line."""

    def __str__(self) -> str:
        return f"{self.parent}.{self.name}"


def fields() -> list[Commented]:
    """Every field of every message."""
    return [
        Commented(message.name, field.name, comments.get((_MESSAGES, i, _FIELDS, j), ""))
        for file, comments in _files()
        for i, message in enumerate(file.message_type)
        for j, field in enumerate(message.field)
    ]


def methods() -> list[Commented]:
    """Every RPC of every service."""
    return [
        Commented(service.name, method.name, comments.get((_SERVICES, i, _METHODS, j), ""))
        for file, comments in _files()
        for i, service in enumerate(file.service)
        for j, method in enumerate(service.method)
    ]


def values() -> list[Commented]:
    """Every value of every enum."""
    return [
        Commented(enum.name, value.name, comments.get((*path, _VALUES, j), ""))
        for file, comments in _files()
        for path, enum in _enums(file)
        for j, value in enumerate(enum.value)
    ]


def declarations() -> list[Commented]:
    """Every message, enum and service itself; the file is the parent."""
    return [
        Commented(file.name, name, comments.get(path, ""))
        for file, comments in _files()
        for path, name in (
            *(((_MESSAGES, i), message.name) for i, message in enumerate(file.message_type)),
            *((path, enum.name) for path, enum in _enums(file)),
            *(((_SERVICES, i), service.name) for i, service in enumerate(file.service)),
        )
    ]


def _enums(file: FileDescriptorProto) -> Iterator[tuple[tuple[int, ...], EnumDescriptorProto]]:
    """Every enum of *file*, those in its messages too, and where it is."""
    for i, enum in enumerate(file.enum_type):
        yield (_ENUMS, i), enum
    for i, message in enumerate(file.message_type):
        for j, enum in enumerate(message.enum_type):
            yield (_MESSAGES, i, _ENUMS_OF_MESSAGE, j), enum


def _files() -> Iterator[tuple[FileDescriptorProto, dict[tuple[int, ...], str]]]:
    for file in _compiled().file:
        yield file, {tuple(at.path): " ".join(at.leading_comments.split()) for at in file.source_code_info.location}


@cache
def _compiled() -> FileDescriptorSet:
    sources = sorted(str(path.relative_to(_CHECKOUT)) for path in _CHECKOUT.glob("protos/grantway/v1/*.proto"))
    with TemporaryDirectory() as directory:
        out = Path(directory, "descriptors.bin")
        subprocess.run(
            [
                sys.executable,
                *("-m", "grpc_tools.protoc", "-I", "protos", "--include_source_info"),
                *(f"--descriptor_set_out={out}", *sources),
            ],
            cwd=_CHECKOUT,
            check=True,
        )
        return FileDescriptorSet.FromString(out.read_bytes())
