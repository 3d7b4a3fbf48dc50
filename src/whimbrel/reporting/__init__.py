"""A report to hand on: survey and alerts become a model, the model one HTML page. Pure."""
