"""The course's small tested module: what would distract in a lesson, and nothing else.

- ``environment``  is this machine fit? versions, seed, one clear fix for each fault
- ``datasets``     Fashion-MNIST and MNIST: found, fetched, verified, cached
- ``standin``      drawn pictures for a machine with no network and no data
- ``figures``      pictures, counts, learning curves, filters, confusion matrix, and saving a figure
- ``photos``       anyone's picture made like the training pictures, step by step
- ``drawing``      a pad to draw on, read while one draws
- ``exercises``    a check for each exercise, with hints that name the mistake

Networks are built, trained and measured in the lessons themselves, in plain Keras.
"""
