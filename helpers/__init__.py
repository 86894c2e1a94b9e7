"""The course's small tested module: what would distract in a lesson, and nothing else.

- ``environment``  is this machine fit? versions, seed, one clear fix for each fault
- ``datasets``     picture sets: found, fetched, verified, cached; drawn where there are none
- ``figures``      pictures, counts, learning curves, filters, confusion matrix, and saving a figure
- ``photos``       anyone's picture made like the training pictures, step by step
- ``explorers``    things to move: a pad to draw on, read while one draws
- ``exercises``    a check for each exercise, with hints that name the mistake
- ``_shared``      places, one error class, whole files, colors: the only thing that all lean on

Networks are built, trained and measured in the lessons themselves, in plain Keras.
"""
