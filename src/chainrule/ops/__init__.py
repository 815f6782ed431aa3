"""The mathematics: one block per op, in which its formula and its derivative stand together."""
