"""Coverage-guided fuzzing of everything that reads what others have written: ``python -m tests.fuzz`` (`make fuzz`)."""
