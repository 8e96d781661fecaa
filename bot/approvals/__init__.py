"""The policy, who may read and approve, and the decision itself. Pure: no clock, no I/O."""
