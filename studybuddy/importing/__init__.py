"""Files from elsewhere: a bucket of Supabase, or the addresses in another program's table; and their new addresses."""
