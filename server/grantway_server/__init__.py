"""The core of Grantway: the grant logic, its gRPC face and its store."""
