"""What `workflow-bot check` tries: one module for each thing outside that the bot depends on."""
