"""Grantway where the requests are: one module for each framework. Import the one that you need; see `examples/`."""
