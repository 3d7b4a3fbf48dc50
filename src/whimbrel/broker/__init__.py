"""A broker of MQTT: topics and payloads, Home Assistant's discovery (both pure), and the connection."""
