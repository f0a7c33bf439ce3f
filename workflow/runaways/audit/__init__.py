"""Whether a published table agrees with itself."""
