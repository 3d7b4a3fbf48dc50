"""Every event that the project's own modules publish, by subject: the air, the radio, the system."""
