"""Benchmarks, run by bin/bench on a throw-away PostgreSQL: figures to read, never a timed test."""
