"""What gpsd says, the fix that holds, and where access points were heard; pure."""
