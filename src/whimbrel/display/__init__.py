"""The parts of the display module: the panel's thread, the screens, dimming, the LED."""
