"""Settings: one YAML file in, frozen values out, or every error at once with its line."""

from whimbrel.config.fields import Duration, Size, setting

__all__ = ["Duration", "Size", "setting"]
