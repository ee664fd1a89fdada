"""Generated from protos/grantway_server/storage/v1 by `make gen`; nothing here is written by hand."""
