"""Talking to Linux's wireless configuration (nl80211) and its links (rtnetlink): monitor interfaces and channels."""
