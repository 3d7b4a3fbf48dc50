"""What keeps people from working: floods, forged disconnections, forged announcements, and reserved air."""
