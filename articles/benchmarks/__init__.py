"""Measurements over articles, found by ``manage.py benchmark`` (entities/benchmarks)."""
