"""The examples of docs/checking-tokens.md run, on a real core."""

import ast
import inspect
import re
from pathlib import Path

import pytest

from grantway.v1 import token_service_pb2 as pb
from tests.deployment import Deployment

_PAGE = (Path(__file__).parents[1] / "docs/checking-tokens.md").read_text()
_EXAMPLES = re.findall(r"^```python\n(.*?)^```$", _PAGE, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("example", [pytest.param(text, id=f"example-{n}") for n, text in enumerate(_EXAMPLES, 1)])
async def test_an_example_does_what_it_shows(deployment: Deployment, example: str) -> None:
    """With the address of a core, the credentials of a client and its token in their places."""
    account = deployment.create_client(scopes=["orders:read"])
    request = pb.IssueTokenRequest(grant_type="client_credentials", scope="orders:read", **account.credentials)
    names = {
        "ID": account.client_id,
        "SECRET": account.client_secret,
        "token": deployment.tokens.IssueToken(request, timeout=5).access_token,
    }
    example = example.replace("core.internal:50051", deployment.grpc_target)
    example = example.replace("client_id=..., client_secret=...", "client_id=ID, client_secret=SECRET")

    code = compile(example, "docs/checking-tokens.md", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    done = eval(code, names)  # noqa: S307 - our own page.
    if inspect.isawaitable(done):
        await done

    if "verified" in names:
        assert account.client_id == names["verified"].client_id  # type: ignore[attr-defined]
    assert {"verified", "source"} & names.keys()


def test_there_are_examples() -> None:
    """Else the test above would be empty."""
    assert len(_EXAMPLES) == 3
