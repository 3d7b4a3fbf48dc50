"""Where access points were heard, in the formats of maps: values in, text out; pure."""
