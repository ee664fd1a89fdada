"""Carries a plan out: what is started when, and what is measured on it."""
