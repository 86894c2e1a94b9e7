"""The course's small tested module: what would distract in a lesson, and nothing else.

- ``environment``  is this machine fit? versions, seed, one clear fix for each fault
- ``datasets``     Fashion-MNIST and MNIST: found, fetched, verified, cached
- ``standin``      drawn pictures for a machine with no network and no data
- ``figures``      pictures, counts, learning curves, filters, confusion matrix, and saving a figure

Networks are built, trained and measured in the lessons themselves, in plain Keras.
"""
