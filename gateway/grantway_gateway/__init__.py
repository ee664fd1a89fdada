"""The HTTP edge of Grantway: the token endpoint of RFC 6749, in front of the core. Holds no state and no rules."""
