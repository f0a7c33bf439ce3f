"""What people read: the answer in words, each star's story and flags, one page with all of it."""
