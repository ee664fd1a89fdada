"""Load generators. Each is a program on the load core that keeps a fixed number of requests under way at any moment."""
