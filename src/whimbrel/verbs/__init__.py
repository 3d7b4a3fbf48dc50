"""What the control socket can be asked: each verb with what it takes and the type of its answer, declared once."""
