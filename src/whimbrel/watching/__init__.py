"""The user's side of alerts: listing them and their evidence, acknowledging them, and guarding networks."""
