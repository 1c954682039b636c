"""The demo: a sample library, a private S3 server, and the app over both; no account is needed."""
