"""Scripts that hold a published table against itself."""
