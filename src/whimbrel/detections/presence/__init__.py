"""Who comes, goes, follows, and flies."""
