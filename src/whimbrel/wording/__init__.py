"""How events and figures are put into words: one wording for the journal, the control socket, the CLI and the panel."""
