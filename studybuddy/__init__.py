"""Study files and lecture recordings, kept on disk or in any S3-compatible bucket."""

__version__ = "0.1.0"
