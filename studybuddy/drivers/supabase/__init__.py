"""Objects in a bucket of Supabase Storage, which is only read."""
