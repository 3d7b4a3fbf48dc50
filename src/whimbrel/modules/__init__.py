"""The built-in modules; each uses only its context and the events on the bus."""
