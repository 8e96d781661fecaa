"""Connections, threads and transactions: how the store reaches its database, and what can go wrong."""
