"""Ours against what a user would write instead, side by side: `python -m benchmarks`."""
