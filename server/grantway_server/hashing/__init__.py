"""Verifies client secrets of which only the hash of another system is known.

Knows the domain and the libraries that hash; only the composition root knows it.
"""
