"""Objects in a bucket of Amazon S3, or of a service that speaks as it does."""
