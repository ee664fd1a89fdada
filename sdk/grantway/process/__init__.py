"""What Grantway's two processes share: how they read their command lines and their settings, and how they log.

Not for callers of the SDK: it needs the extra `server` or `gateway`, but for the command lines.
"""
