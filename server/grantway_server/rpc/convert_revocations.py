"""Messages about revocations to domain values and back."""

from typing import assert_never

from grantway.v1 import token_service_pb2 as pb
from grantway_server.domain.refusals import invalid_request
from grantway_server.domain.revocation_events import (
    ChangedClient,
    Position,
    RevocationEvent,
    RevocationPortion,
    RevokedToken,
    RevokedTokens,
)


def position_of(request: pb.WatchRevocationsRequest) -> Position | None:
    """Where to go on; None means from now on.

    Raises:
        Refusal: INVALID_REQUEST.
    """
    if not request.position:
        return None
    try:
        return Position.parse(request.position)
    except ValueError:
        raise invalid_request("position is none that a core gave: send one as it came, or none.") from None


def revocations(portion: RevocationPortion, *, began_at: float) -> pb.WatchRevocationsResponse:
    """What a subscriber is told whose call came at *began_at*, on the clock of `RevocationPortion.read_at`."""
    response = pb.WatchRevocationsResponse(position=portion.position.encode(), gap=portion.gap, more=portion.more)
    response.elapsed.FromNanoseconds(int((portion.read_at - began_at) * 1e9))
    for _, event in portion.events:
        _fill(response.revocations.add(), event)
    return response


def _fill(message: pb.Revocation, event: RevocationEvent) -> None:
    match event:
        case RevokedToken():
            message.token.token_id = event.token_id
        case RevokedTokens():
            selection = event.selection
            message.tokens.client_id = event.client_id
            message.tokens.secret_id = selection.secret_id
            if selection.issued_from is not None:
                message.tokens.issued_from.FromDatetime(selection.issued_from)
            if selection.issued_before is not None:
                message.tokens.issued_before.FromDatetime(selection.issued_before)
        case ChangedClient():
            message.client.client_id = event.client_id
        case _:
            assert_never(event)
