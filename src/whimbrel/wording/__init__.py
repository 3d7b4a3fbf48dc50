"""Events and figures in words: one wording for the journal, the control socket, the CLI and the panel."""
