"""Control of one radio: channel hopping, and recovery when it delivers no frames any more."""
