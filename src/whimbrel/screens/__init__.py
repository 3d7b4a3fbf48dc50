"""The screens of the panel: a stack, each screen turning the state into an image. Pure."""
