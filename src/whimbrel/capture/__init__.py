"""Capture files: pcap and pcapng, plain or gzipped, read as batches of records in bounded memory."""
