"""The App Home: what a person sees there, and when it is drawn."""
