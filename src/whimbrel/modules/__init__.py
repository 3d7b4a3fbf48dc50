"""The modules that come with the daemon; each knows only its context and the events on the bus."""
