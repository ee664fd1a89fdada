"""Grantway where the requests are: one module for each framework. Import the one that you need; see `examples/`.

Three are no frameworks, but what the others share: `bearer` (RFC 6750), `grpc_calls` (both servers of gRPC) and
`token_flows` (both HTTP clients).
"""
