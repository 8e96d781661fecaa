"""Benchmarks: figures beside something else in the same run. Ratios matter, absolute figures drift."""
