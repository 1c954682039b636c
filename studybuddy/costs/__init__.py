"""What S3 costs: usage and prices go in, a bill with a line for each price comes out. All money is Decimal."""
