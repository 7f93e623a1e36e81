"""The site, the read API and the doors of letters, over service."""
