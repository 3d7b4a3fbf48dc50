"""Pictures of every screen from a fixed state: for the documentation, and for the tests that compare pixels."""
