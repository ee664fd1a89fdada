"""A cache of introspections that forgets what it is told to, and nothing else: the laziest that there can be."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from grantway.v1 import token_service_pb2 as pb
from grantway_server.domain.tokens import digest, token_id


class ToldCache:
    """Answers, by the texts of their tokens."""

    def __init__(self) -> None:
        self._answers: dict[str, pb.IntrospectTokenResponse] = {}
        self._secrets: Mapping[str, str] = {}

    def keep(self, answers: Mapping[str, pb.IntrospectTokenResponse], secrets: Mapping[str, str]) -> None:
        """Holds *answers* from now on; *secrets* are the ids of the secrets that obtained the tokens."""
        self._answers = {text: _kept(answer) for text, answer in answers.items()}
        self._secrets = secrets

    def forget(self, told: Iterable[pb.Revocation]) -> None:
        """Forgets what is *told* to be so no longer."""
        for one in told:
            self._answers = {
                text: answer for text, answer in self._answers.items() if not self._ends(one, text, answer)
            }

    def wrong(self, answers: Mapping[str, pb.IntrospectTokenResponse], now: datetime) -> list[str]:
        """The texts of which it would say what is not in *answers*; what has expired it says of none."""
        return [
            text
            for text, held in self._answers.items()
            if not (held.active and held.expire_time.ToDatetime(UTC) <= now) and held != _kept(answers[text])
        ]

    def _ends(self, told: pb.Revocation, text: str, answer: pb.IntrospectTokenResponse) -> bool:
        match told.WhichOneof("revoked"):
            case "token":
                return token_id(digest(text)) == told.token.token_id
            case "client":
                return not answer.active or answer.client_id == told.client.client_id
            case _:
                tokens, issued_at = told.tokens, answer.issue_time.ToDatetime(UTC)
                return (
                    answer.client_id == tokens.client_id
                    and (not tokens.secret_id or tokens.secret_id == self._secrets[text])
                    and (not tokens.HasField("issued_from") or tokens.issued_from.ToDatetime(UTC) <= issued_at)
                    and (not tokens.HasField("issued_before") or issued_at < tokens.issued_before.ToDatetime(UTC))
                )


def _kept(answer: pb.IntrospectTokenResponse) -> pb.IntrospectTokenResponse:
    """*answer* without what nobody is told of: how fresh it was, how long is left, and why a token is not active."""
    kept = pb.IntrospectTokenResponse()
    kept.CopyFrom(answer)
    kept.ClearField("revocation_position")
    kept.ClearField("inactive_reason")
    kept.ClearField("remaining_milliseconds")
    return kept
