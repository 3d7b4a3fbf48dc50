"""What is in the air, learned from frames: access points, stations, channels. Pure: time comes with the frames."""
