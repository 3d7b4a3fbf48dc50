"""Measures the budgets of the project beside their peers: `python -m tools.bench`."""
