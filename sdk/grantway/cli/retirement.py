"""Whether a secret may be retired without an outage, and what was using it, in words."""

from collections.abc import Sequence
from datetime import UTC, datetime

from grantway.cli.durations import duration_words
from grantway.cli.moments import moment_words
from grantway.cli.output import printable
from grantway.v1.client_pb2 import RetirementVerdict, Secret


def use_words(secret: Secret) -> str:
    """What *secret* obtained, and when and from where it was last used, to obtain tokens or to check them."""
    if not secret.HasField("last_use_time"):
        return "imported, never used" if secret.imported else "never used"
    tokens = "1 token" if secret.use_count == 1 else f"{secret.use_count or 'no'} tokens"
    source = f" from {printable(secret.last_use_source)}" if secret.last_use_source else ""
    return f"obtained {tokens}, last used {moment_words(secret.last_use_time)}{source}"


def verdict_words(secret: Secret, secrets: Sequence[Secret] = ()) -> str:
    """The verdict on *secret*, and why; *secrets* are all those of its client, the newest first, if they are known."""
    verdict = secret.verdict
    good = (other for other in secrets if other.verdict.basis != RetirementVerdict.BASIS_EXPIRED)
    # The newest good one: what the core holds it against.
    newest = next(good, None)
    newer = newest.secret_id if newest else "a newer secret"
    match verdict.basis:
        case RetirementVerdict.BASIS_REPLACED:
            quiet = duration_words(verdict.quiet_for.ToTimedelta())
            since = f" {moment_words(newest.first_use_time)}," if newest else ""
            why = f"not used since{since} when {newer} was first used ({quiet})"
        case RetirementVerdict.BASIS_EXPIRED:
            why = "it has expired"
        case RetirementVerdict.BASIS_NEWEST:
            why = "there is no newer secret that is good"
        case RetirementVerdict.BASIS_NEWER_UNUSED:
            why = f"{newer} was never used"
        case RetirementVerdict.BASIS_STILL_USED:
            ago = duration_words(datetime.now(UTC) - secret.last_use_time.ToDatetime(UTC))
            why = f"used since {newer} is in use, last {ago} ago"
        case _:  # What a newer core knows.
            return "safe to retire" if verdict.safe else "not safe to retire"
    return f"{'safe' if verdict.safe else 'not safe'} to retire: {why}"
