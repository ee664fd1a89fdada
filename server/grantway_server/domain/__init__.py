"""The grant logic. Knows the standard library only: no gRPC, no Redis, no wall clock, no environment.

Where what is, by theme:

- clients: `clients`, `client_fields`, `client_details`, `audiences`, `scopes`; `client_service`, `client_changes`,
  `client_import`, `idempotency`
- their secrets: `client_secrets`, `checksum`, `secret_service`, `secret_rotation`, `secret_expiry`; `secret_use`,
  `client_uses`, `use_notes`, `gathered_uses`; of other systems: `foreign_secrets`, `secret_adoption`
- authentication: `credentials`, `client_authentication`, `slow_authentication`, `failed_authentications`, `throttle`
- tokens: `tokens`, `token_owners`, `issuance`, `token_lookup`, `introspection`, `token_revocation`
- when something has leaked: `incidents`, `impact`, `revocations`, `partial_revocations`, `leaks`
- who is told: `audit`, `audit_service`; `revocation_events`, `revocation_watch`
- what all of them use: `environment`, `ports`, `randomness`, `refusals`, `whole_seconds`
"""
