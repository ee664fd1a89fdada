"""Generated from protos/grantway/v1 by `make gen`; nothing here is written by hand."""
