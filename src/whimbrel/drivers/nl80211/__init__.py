"""Client of Linux's wireless configuration (nl80211) and links (rtnetlink), for monitor interfaces and channels."""
