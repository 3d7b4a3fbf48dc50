"""What the panel shows: a stack of screens, each of which turns the state of things into an image. Pure."""
