"""A report that a person can hand to somebody: what was heard becomes a model, the model one HTML page. Pure."""
