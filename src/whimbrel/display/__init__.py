"""What the display module is made of: the panel's thread, what it shows, when it rests, the LED."""
