"""What one person is told privately, and the page of the App Home."""
