"""The grant logic. Knows the standard library only: no gRPC, no Redis, no wall clock, no environment."""
