"""The survey of the air from frames: access points, stations, channels. Pure: time comes with the frames."""
