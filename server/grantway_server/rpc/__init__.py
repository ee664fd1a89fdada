"""The core's gRPC face: convert in, one use case, convert out."""
