from chainrule import ladder

ladder.climb(["1d", 1, 2, 4], epochs=5, show=False)
