"""How the process goes on: tasks, loops, what is logged once, what `/readyz` answers."""
