"""Reading what files hold: a queue in the catalog, a worker, and a child process that opens the files."""
