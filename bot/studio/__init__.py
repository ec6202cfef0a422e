"""Content is edited in the browser: drafts, trials, publications."""
