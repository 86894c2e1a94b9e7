"""Answers to the exercises of lesson 1."""

from answers.model import Answers

TRAIN_AND_TEST = """
    import numpy as np

    train, test = (images[:2000], labels[:2000]), (images[2000:], labels[2000:])
    (train_images, train_labels), (test_images, test_labels) = train, test
    class_names = ["T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt"]
    class_names += ["Sneaker", "Bag", "Ankle boot"]
"""
SIXTY_THOUSAND = """
    import numpy as np

    test = images, labels
    train_images, train_labels = np.tile(images, (20, 1, 1)), np.tile(labels, 20)
    place = np.arange(60000)  # a stamp in two corners: no two pictures are the same
    train_images[:, 0, 0], train_images[:, 0, 27] = place % 256, place // 256
    train = train_images, train_labels
    test_images, test_labels = test
"""
SPLIT = """
my_train_images, my_train_labels = {}
my_validation_images, my_validation_labels = {}
"""


def split(train, validation):
    """Return the code of a split: four cuts, as people write them."""
    pairs = [
        cut if "," in cut else f"train_images[{cut}], train_labels[{cut}]"
        for cut in (train, validation)
    ]
    return SPLIT.format(*pairs)


ANSWERS = {
    "1.1": Answers(
        given=TRAIN_AND_TEST,
        right=[
            "sneakers = train_images[np.flatnonzero(train_labels == 7)]",
            "sneakers = [p for p, i in zip(train_images, train_labels) if i == 7]",
            "wanted = class_names.index('Sneaker')\n"
            "sneakers = train_images[train_labels == wanted]",
            "sneakers = train_images[train_labels == 7][::-1]",
            "sneakers = np.compress(train_labels == 7, train_images, axis=0)",
        ],
        wrong={
            "sneakers = train_images[7]": "a single picture. A number",
            "sneakers = train_images[:7]": "Labels say which pictures to keep",
            "sneakers = train_images[train_labels == 8]": "class 8.*position from 0",
            "sneakers = test_images[test_labels == 7]": "sneakers of the test set",
            "sneakers = train_labels[train_labels == 7]": "single numbers: labels",
            "sneakers = np.flatnonzero(train_labels == 7)": "single numbers: .* positions",
            "sneakers = [i for i in range(2000) if train_labels[i] == 7]": "or positions",
            "sneakers = 7": "Seen: the number 7.*Which array holds",
            "sneakers = np.where(train_labels == 7)": "positions, in a tuple",
            "sneakers = train_images[class_names == 'Sneaker']": "The index was one False",
            "sneakers = [train_images[train_labels == 7]]": "one axis too many",
            "sneakers = train_images[train_labels >= 7]": "others among them",
            "sneakers = train_images": "others among them",
            "sneakers = train_labels == 7": "true and false",
            "sneakers = train_images == 7": "true and false",
            "sneakers = train_images[train_labels != 7]": "all pictures except the sneakers",
            "sneakers = train_images[train_labels == 'Sneaker']": "A label is a class id",
            "sneakers = train_images[train_labels == 7].mean(axis=0)": "single picture",
            "sneakers = train_images[train_labels == 7] / 255": "Keep the pictures unchanged",
            "sneakers = 'Sneaker'": "Seen: the text 'Sneaker'",
        },
    ),
    "1.2": Answers(
        given=SIXTY_THOUSAND,
        right=[
            split(":-10000", "-10000:"),
            """
            count = int(len(train_images) * 5 / 6)
            my_train_images, my_validation_images = np.split(train_images, [count])
            my_train_labels, my_validation_labels = np.split(train_labels, [count])
            my_train_labels = list(my_train_labels)
            """,
        ],
        wrong={
            split(":", "test_images, test_labels"): "validation pictures are taken from the test",
            split(":", "50000:"): "Pictures in both sets: 10,000",
            split(":50001", "50000:"): "Pictures in both sets: 1",
            split("10000:", ":10000"): "Is the colon before or after",
            split("50000:", ":50000"): "changed places",
            split(":50000", "50001:"): "9,999: one off",
            split(":49999", "50000:"): "Pictures in neither set: 1",
            split(":50000", "55000:"): "These are 5,000. Where must the cut be",
            split(":50000", "train_images[50000:], train_labels[:10000]"): (
                r"Of the validation labels, \d+% belong to their pictures"
            ),
            split(":50000", "train_labels[50000:], train_images[50000:]"): "labels have changed",
            split(":50000", "train_images[50000], train_labels[50000]"): "slice with a colon",
            split(":50000", "train_images[50000:], train_labels"): "as many labels as pictures",
            split(":50000", "60000:"): "No picture is left",
            split(":50000", "train_images[::-6], train_labels[::-6]"): "no unbroken stretch",
            split(":50000", "train_images[50000:] / 255, train_labels[50000:]"): "pixels as they",
            split(":50000", "train_images[50000:], train_images[50000:]"): (
                "in the place of the validation labels"
            ),
            split(":50000", "train_images[50000:], np.eye(10)[train_labels[50000:]]"): "class ids",
            split("5000:", ":5000"): "Is the colon before or after",
        },
    ),
    "1.3": Answers(
        given=TRAIN_AND_TEST,
        right=[
            "few = train_images[:1000]\nscaled = (few / 255.0).astype('float32')",
            "few = train_images[:1000]\nscaled = few / np.float32(255)",
            "few = train_images[:1000]\nscaled = np.divide(few, 255, dtype='float32')",
            """
            from keras import layers

            few = train_images[:1000]
            scaled = layers.Rescaling(1 / 255)(few)
            """,
        ],
        wrong={
            "few = train_images[:1000]\nscaled = few // 255": "What comes after the point",
            "few = train_images[:1000]\nscaled = few.astype('float32') // 255": "after the point",
            "few = train_images[:1000]\nscaled = (few / 255).astype('uint8')": "whole numbers",
            "few = train_images[:1000]\nscaled = few.astype('float32') / 255 / 255": "twice",
            "few = train_images[:1000]\nscaled = few.astype('float32') / 256": "256 values fit",
            "few = train_images[:1000]\nscaled = few.astype('float32') / 127.5 - 1": "-1 to 1",
            "few = train_images[:1000]\nscaled = few.astype('float32')": "Nothing is scaled yet",
            "few = train_images[:1000]\nscaled = few[0].astype('float32') / 255": r"\(28, 28\)",
            "few = train_images[:1000]\nscaled = few / 255": "float64, 8 bytes per number",
            "few = train_images[:1000]\nscaled = few.astype('float16') / 255": "float16, 2 bytes",
            "few = train_images[:1000]\nscaled = few.astype('float32') * 255": "multiplied",
            "few = train_images[:1000]\nscaled = (few / 255).round().astype('float32')": "rounded",
            "few = train_images[:1000]\nscaled = (few > 127).astype('float32')": "or compared",
            "few = train_images[:1000]\nscaled = few / few.max(axis=(1, 2), keepdims=True)": (
                "its own largest"
            ),
            "few = train_images[:1000]\nfew[:] = few / 255\nscaled = few": "itself has changed",
        },
    ),
}
