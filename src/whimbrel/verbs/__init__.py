"""The verbs of the control socket, each declared once with its arguments and the type of its answer."""
