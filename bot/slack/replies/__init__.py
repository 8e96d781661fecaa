"""Private answers to whoever asked, at Slack's `response_url` or as a message."""
