"""The courier: what should be in Slack → what is there."""
