"""The one room for simulated pictures: digits with a known label, as people send them.

``glyphs`` holds every table of strokes, and says which may train a network and which may judge it.
``paper`` draws paper, light, and what a camera does; ``conditions`` puts digits into pictures with
these, for the benchmark and the tests; ``examples`` draws the pictures of lesson 5. All is drawn or
comes from MNIST, and only the packages in ``requirements.txt`` are needed.
"""
