"""One script for each rule: read, call the library, write."""
