"""The live message of a watched workflow, stage by stage, and the news that is told beside it."""
