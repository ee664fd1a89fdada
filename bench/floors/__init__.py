"""Servers that do less than any token service must: what they cost is a lower bound for what we can."""
