"""Secrets, their use, and what an action hits, to messages; and which tokens are to end. Knows no rule."""

from collections.abc import Mapping

from grantway.v1 import client_pb2
from grantway.v1 import client_service_pb2 as pb
from grantway_server.domain.impact import Impact, SecretState
from grantway_server.domain.revocations import TokenSelection
from grantway_server.domain.secret_use import Basis
from grantway_server.rpc.times import optional_moment

BASES: Mapping[Basis, "client_pb2.RetirementVerdict.Basis"] = {
    Basis.REPLACED: client_pb2.RetirementVerdict.BASIS_REPLACED,
    Basis.NEWEST: client_pb2.RetirementVerdict.BASIS_NEWEST,
    Basis.NEWER_UNUSED: client_pb2.RetirementVerdict.BASIS_NEWER_UNUSED,
    Basis.STILL_USED: client_pb2.RetirementVerdict.BASIS_STILL_USED,
    Basis.EXPIRED: client_pb2.RetirementVerdict.BASIS_EXPIRED,
}


def secret_message(state: SecretState) -> client_pb2.Secret:
    """A secret, its use and the verdict on it."""
    secret, use = state.secret, state.use
    message = client_pb2.Secret(secret_id=secret.secret_id, imported=secret.is_foreign)
    message.create_time.FromDatetime(secret.created_at)
    if secret.expires_at is not None:
        message.expire_time.FromDatetime(secret.expires_at)
    if use is not None:
        message.first_use_time.FromDatetime(use.first_at)
        message.last_use_time.FromDatetime(use.last_at)
        message.last_use_source = use.source
        message.use_count = use.count
    message.verdict.safe = state.verdict.safe
    message.verdict.basis = BASES[state.verdict.basis]
    if state.verdict.quiet_for is not None:
        message.verdict.quiet_for.FromTimedelta(state.verdict.quiet_for)
    return message


def impact_message(impact: Impact) -> pb.Impact:
    """What an incident action hits."""
    message = pb.Impact(
        disables=impact.disables,
        secrets=map(secret_message, impact.secrets),
        tokens_issued=impact.tokens_issued,
        all_tokens=impact.all_tokens,
    )
    if impact.last_token_at is not None:
        message.last_token_time.FromDatetime(impact.last_token_at)
    if impact.last_expires_at is not None:
        message.last_expire_time.FromDatetime(impact.last_expires_at)
    return message


def token_selection(message: pb.RevokeClientTokensRequest) -> TokenSelection:
    """Which tokens are to end.

    Raises:
        Refusal: INVALID_REQUEST.
    """
    return TokenSelection(
        secret_id=message.secret_id,
        issued_from=optional_moment(message, "issued_from"),
        issued_before=optional_moment(message, "issued_before"),
    )
