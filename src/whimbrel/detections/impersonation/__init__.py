"""Networks and access points that are imitated."""
