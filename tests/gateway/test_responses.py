"""Answers that go out without ASGI."""

from grantway_gateway.responses import json_response


def test_an_answer_to_what_is_no_request_is_a_whole_message() -> None:
    """With everything that any other answer carries, and the end of the connection."""
    response = json_response(431, {"error": "invalid_request"}, ((b"x", b"1"),))

    assert response.http1([(b"date", b"now")]) == (
        b"HTTP/1.1 431 Request Header Fields Too Large\r\n"
        b"date: now\r\n"
        b"content-type: application/json\r\n"
        b"cache-control: no-store\r\n"
        b"pragma: no-cache\r\n"
        b"content-length: 27\r\n"
        b"x: 1\r\n"
        b"connection: close\r\n"
        b"\r\n"
        b'{"error":"invalid_request"}'
    )
