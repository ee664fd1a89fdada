"""The HTTP edge of Grantway, in front of the core. Holds no state and no rules.

Five endpoints, a module each, and health: `token_endpoint` (RFC 6749), `introspection_endpoint` (RFC 7662),
`revocation_endpoint` (RFC 7009), `leak_endpoint` and `metadata_endpoint` (RFC 8414).
"""
