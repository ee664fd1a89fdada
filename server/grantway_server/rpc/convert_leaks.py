"""Messages about leaks, of domain values. Knows no rule but what stands for what."""

from collections.abc import Mapping

from grantway.v1 import leak_service_pb2 as pb
from grantway_server.domain.leaks import LeakedText, TextKind
from grantway_server.rpc.convert_tokens import fill_owner

_KINDS: Mapping[TextKind, "pb.LeakedText.Kind"] = {
    TextKind.NEITHER: pb.LeakedText.KIND_UNSPECIFIED,
    TextKind.ACCESS_TOKEN: pb.LeakedText.KIND_ACCESS_TOKEN,
    TextKind.CLIENT_SECRET: pb.LeakedText.KIND_CLIENT_SECRET,
}


def leaked_text(text: LeakedText) -> pb.LeakedText:
    """What a text is."""
    message = pb.LeakedText(kind=_KINDS[text.kind], live=text.live is not None)
    if text.live is not None:
        fill_owner(message, text.live.owner)
        message.scope = text.live.scope
        message.id = text.live.text_id
        if text.live.expires_at is not None:
            message.expire_time.FromDatetime(text.live.expires_at)
    return message
