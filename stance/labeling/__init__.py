"""Labels without annotators: rules vote on candidates, votes are combined, and both are measured against gold."""
