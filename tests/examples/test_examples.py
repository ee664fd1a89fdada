"""Every example does what it is there to show."""

import re
import time
import tomllib
from importlib.metadata import packages_distributions
from typing import Any

import grpc
import httpx
import pytest
from google.protobuf.empty_pb2 import Empty
from google.protobuf.wrappers_pb2 import StringValue

from tests.examples.example import EXAMPLES, issue, revoke, run_example, running_example
from tests.sdk.cli.processes import Dev

_README = (EXAMPLES.parent / "README.md").read_text()
_ADAPTERS = {"asgi", "fastapi", "wsgi", "django", "drf", "grpc_aio", "grpc_sync", "httpx", "httpx2"}
_HTTP_APIS = ["starlette_api.py", "fastapi_api.py", "wsgi_api.py", "django_api.py", "drf_api.py"]
_GRPC_APIS = ["grpc_aio_api.py", "grpc_sync_api.py"]
_CALLERS = ["httpx_caller.py", "httpx2_caller.py"]


def test_every_example_is_run_and_in_the_table() -> None:
    """Those of this folder, and no other; so it is in README of the project, beside its adapter."""
    files = {file.name for file in EXAMPLES.glob("*.py")} - {"dev_settings.py"}
    rows = re.findall(r"^\| `grantway\.adapters\.(\w+)` \|.*\(examples/(\w+\.py)\) \|$", _README, re.MULTILINE)

    assert {*_HTTP_APIS, *_GRPC_APIS, *_CALLERS} == files
    assert files == {example for _, example in rows}
    assert _ADAPTERS == {module for module, _ in rows}
    assert files == set(re.findall(r"^\| \[(\w+\.py)\]", (EXAMPLES / "README.md").read_text(), re.MULTILINE))


def test_the_extra_brings_all_that_the_examples_import() -> None:
    """Both READMEs say how it is installed."""
    project = tomllib.loads((EXAMPLES.parent / "pyproject.toml").read_text())["project"]
    extra = {requirement.partition(">")[0] for requirement in project["optional-dependencies"]["examples"]}
    base = {requirement.partition(">")[0] for requirement in project["dependencies"]}
    distributions = packages_distributions()

    imported = {
        distribution.lower()
        for file in EXAMPLES.glob("*.py")
        for package in re.findall(r"^(?:from|import) (\w+)", file.read_text(), re.MULTILINE)
        for distribution in distributions.get(package, ())
        if package != "google"  # A namespace of many.
    }
    command = ".venv/bin/pip install -e '.[examples]' -c constraints.txt"
    assert extra == imported - base - {"grantway"}
    assert all(command in text for text in (_README, (EXAMPLES / "README.md").read_text()))


@pytest.mark.parametrize("name", _HTTP_APIS)
def test_an_api_takes_good_tokens_and_no_others(dev: Dev, name: str) -> None:
    """A token with the scope opens it until it is revoked; one without, and none, do not."""
    token, other = issue(dev, "demo:read"), issue(dev, "demo:write")
    with running_example(name, dev) as port, httpx.Client(base_url=f"http://127.0.0.1:{port}") as api:

        def get(text: str | None) -> httpx.Response:
            return api.get("/orders", headers={} if text is None else {"Authorization": f"Bearer {text}"})

        without, bad, less, good = get(None), get("x"), get(other), get(token)
        revoke(dev, token)
        revoked = _soon(lambda: get(token), lambda response: response.status_code != httpx.codes.OK)

    assert [401, 401, 403, 200, 401] == [answer.status_code for answer in (without, bad, less, good, revoked)]
    assert {"orders_of": dev.variables["GRANTWAY_CLIENT_ID"]} == good.json()
    assert 'Bearer realm="orders"' == without.headers["www-authenticate"]
    assert less.headers["www-authenticate"].endswith(', scope="demo:read"')
    assert 'error="invalid_token"' in revoked.headers["www-authenticate"]


@pytest.mark.parametrize("name", _GRPC_APIS)
def test_a_grpc_api_takes_good_tokens_and_no_others(dev: Dev, name: str) -> None:
    """As those over HTTP."""
    token, other = issue(dev, "demo:read"), issue(dev, "demo:write")
    with running_example(name, dev) as port, grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        whose = channel.unary_unary(
            "/orders.v1.Orders/Whose",
            request_serializer=Empty.SerializeToString,
            response_deserializer=StringValue.FromString,
        )

        def call(text: str | None) -> Any:
            try:
                metadata = () if text is None else (("authorization", f"Bearer {text}"),)
                return whose(Empty(), metadata=metadata, timeout=5).value
            except grpc.RpcError as error:
                return error.code()

        answers = [call(None), call("x"), call(other), call(token)]
        revoke(dev, token)
        revoked = _soon(lambda: call(token), lambda answer: isinstance(answer, grpc.StatusCode))

    unauthenticated, denied = grpc.StatusCode.UNAUTHENTICATED, grpc.StatusCode.PERMISSION_DENIED
    account = dev.variables["GRANTWAY_CLIENT_ID"]
    assert [unauthenticated, unauthenticated, denied, account, unauthenticated] == [*answers, revoked]


@pytest.mark.parametrize("name", _CALLERS)
def test_a_caller_calls_an_api(dev: Dev, name: str) -> None:
    """With a token that it obtains on the way."""
    with running_example("starlette_api.py", dev) as port:
        printed = run_example(name, dev, port=port)

    assert f"{{'orders_of': '{dev.variables['GRANTWAY_CLIENT_ID']}'}}\n" == printed


def _soon(ask: Any, is_it: Any) -> Any:
    """The first answer that *is_it*, or the last one within two seconds; how soon it comes is another test's."""
    deadline = time.monotonic() + 2
    while not is_it(answer := ask()) and time.monotonic() < deadline:
        time.sleep(0.005)
    return answer
