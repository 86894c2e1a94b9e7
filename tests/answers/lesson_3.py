"""Answers to the exercises of lesson 3."""

from answers.model import Answers

TINY = """
tiny_picture = np.array([[1, 0, 2, 3], [4, 1, 0, 2], [0, 5, 1, 1]])
tiny_kernel = np.array([[0, 1], [2, -1]])
"""
SLIDE = """
from numpy.lib.stride_tricks import sliding_window_view
products = sliding_window_view(tiny_picture, (2, 2)) * tiny_kernel
"""
TWO_LAYERS = """
first = layers.Conv2D(8, 3, padding="same")
second = layers.Conv2D(16, 5, strides=2)
first_shape, first_count = (28, 28, 8), 224
second_shape, second_count = (12, 12, 16), 3216
"""
TRAIN = """
small_cnn.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
small_cnn.fit(clothes_images, clothes_labels, epochs=2, verbose=0)
"""
LEARN = """
learn(small_cnn, clothes_images, clothes_labels)
"""
TINY_CNN = """
small_cnn = keras.Sequential(
    [
        keras.Input((28, 28, 1)),
        layers.Rescaling(1 / 255),
        layers.Conv2D(8, 5, strides=2, activation="relu"),
        layers.Conv2D(16, 3, strides=2, activation="relu"),
        layers.Flatten(),
        layers.Dense(10, activation="softmax"),
    ]
)
"""

ANSWERS = {
    "3.1": Answers(
        given="import numpy as np",
        right=[
            TINY + SLIDE + "by_hand = products.sum(axis=(2, 3)).astype('float32')",
            TINY + "by_hand = ((7.0, 4.0, 1.0), (-4.0, 9.0, 3.0))",
            TINY
            + "import keras\nconv = keras.layers.Conv2D(1, 2, use_bias=False)\n"
            + "conv.build((None, 3, 4, 1))\nconv.set_weights([tiny_kernel[:, :, None, None]])\n"
            + "by_hand = conv(tiny_picture[None, :, :, None].astype('float32'))[0, :, :, 0]",
        ],
        wrong={
            TINY + SLIDE + "by_hand = (products * 0 + sliding_window_view(tiny_picture, (2, 2))"
            " * tiny_kernel[::-1, ::-1]).sum(axis=(2, 3))": "turned around, as mathematicians do",
            TINY + "by_hand = [[4, 7, 3], [11, -1, 5]]": "0 of 6 .* row 0, column 0",
            TINY + SLIDE + "by_hand = (sliding_window_view(tiny_picture, (2, 2))"
            " * tiny_kernel.T).sum(axis=(2, 3))": "Rows and columns of the kernel",
            TINY + SLIDE + "by_hand = (sliding_window_view(tiny_picture, (2, 2))"
            " * tiny_kernel[::-1]).sum(axis=(2, 3))": "stands on its head",
            TINY + SLIDE + "by_hand = (sliding_window_view(tiny_picture, (2, 2))"
            " * tiny_kernel[:, ::-1]).sum(axis=(2, 3))": "Left and right of the kernel",
            TINY + SLIDE + "by_hand = products.sum(axis=(2, 3)).T": "Rows and columns are exch",
            TINY + SLIDE + "by_hand = products": "2 × 3 × 2 × 2.*Add up those of a window",
            TINY + "by_hand = tiny_picture[:2, :2] * tiny_kernel": "Add up those of a window",
            TINY + SLIDE + "by_hand = products.mean(axis=(2, 3))": "averages",
            TINY + SLIDE + "by_hand = abs(products).sum(axis=(2, 3))": "A minus got lost",
            TINY + "by_hand = [[6, 3, 7], [10, 7, 4]]": "Each needs its weight",
            TINY + SLIDE + "by_hand = products.sum(axis=(2, 3))[::2, ::2]": "Its step is 1",
            TINY + "by_hand = (tiny_picture[:2, :2] * tiny_kernel).sum()": "one window's",
            TINY + "by_hand = [7, 4, 1, -4, 9, 3]": "Break it into rows",
            TINY + "by_hand = [[-1, 2, 2, 1], [-3, 7, 4, 1], [4, -4, 9, 3]]": "frame of zeros",
            TINY + "by_hand = [[7, 4, 1], [-4, 9, 2]]": r"5 of 6 .* row 1, column 2",
            TINY + "by_hand = [[7, 4, 1], [0, 9, 3]]": "there is no ReLU here",
            TINY + "by_hand = [[7, 4, 1], [4, 9, 3]]": r"5 of 6 .* row 1, column 0",
            TINY + "by_hand = [[7, 4]]": "some are missing",  # `convolve` with 2 only half put in
            TINY + "by_hand = [[7, 4, 1]]": "some are missing",
            TINY + "by_hand = [[[7, 4, 1], [-4, 9, 3]]]": "axes of length 1 too many",
            TINY + "tiny_kernel = tiny_kernel[::-1, ::-1]\nby_hand = [[4, 0, 2], [1, 0, 0]]": (
                "tiny_kernel has changed"
            ),
            TINY + "by_hand = [[7, 4, 1], [-4, 9]]": "all of one length",
        },
    ),
    "3.2": Answers(
        given="""
            import keras
            from keras import layers

            def places(size, window, stride=1):
                return (size - window) // stride + 1
        """,
        right=[
            TWO_LAYERS
            + "first_shape = first.compute_output_shape((None, 28, 28, 3))[1:]\n"
            + "second_shape = second.compute_output_shape((None, *first_shape))[1:]\n"
            + "first.build((None, 28, 28, 3))\nfirst_count = first.count_params()\n"
            + "second.build((None, 28, 28, 8))\nsecond_count = float(second.count_params())",
            TWO_LAYERS + "second_shape = [places(28, 5, 2), places(28, 5, stride=2), 16]",
        ],
        wrong={
            TWO_LAYERS + "first_shape = (26, 26, 8)": "first_shape.* stand over the border",
            TWO_LAYERS + "first_shape = (None, 28, 28, 8)": "shape of a batch",
            TWO_LAYERS + "second_shape = (1, 12, 12, 16)": "shape of a batch",
            TWO_LAYERS + "first_shape = (28, 28, 3)": "channels came in",
            TWO_LAYERS + "first_shape = (28, 28, 3, 8)": "seen four numbers",
            TWO_LAYERS + "first_shape = (28, 28, 24)": "one map, out of all channels",
            TWO_LAYERS + "first_shape = (30, 30, 8)": "size with the frame",
            TWO_LAYERS + "first = layers.Conv2D(1, 1)\nfirst_shape = (28, 28, 1)": "have changed",
            TWO_LAYERS + "first_count = 28 * 28 * 8": "So many numbers are in the maps",
            TWO_LAYERS + "second_shape = (12.5, 12.5, 16)": "round down",
            TWO_LAYERS + "second_count = 16 * (9 * 8 + 1)": "window of this layer is 5 × 5",
            TWO_LAYERS + "second_count = 16 * (25 * 3 * 8 + 1)": "only the maps of first",
            TWO_LAYERS + "first_shape = (8, 28, 28)": "channels last",
            TWO_LAYERS + "first_shape = (28, 28)": "three numbers",
            TWO_LAYERS + "first_shape = '(28, 28, 8)'": "Seen: the text.*three numbers",
            TWO_LAYERS + "first_count = 216": "Those are the weights",
            TWO_LAYERS + "first_count = 217": "One bias for all",
            TWO_LAYERS + "first_count = 80": "through all 3 channels",
            TWO_LAYERS + "first_count = 72": "through all 3 channels, and has a bias",
            TWO_LAYERS + "first_count = 28": "That is one filter",
            TWO_LAYERS + "first_count = 80 + 1": "Count one filter",
            TWO_LAYERS + "first_count = 28 * 28 * 224": "at every place: count it once",
            TWO_LAYERS + "second_shape = (24, 24, 16)": "size with stride 1",
            TWO_LAYERS + "second_shape = (13, 13, 16)": "round down",
            TWO_LAYERS + "second_shape = (14, 14, 16)": "has no padding",
            TWO_LAYERS + "second_shape = (11, 11, 16)": "before the first one",
            TWO_LAYERS + "second_shape = (12, 12, 8)": "channels came in",
            TWO_LAYERS + "second_shape = (16, 12, 12)": "channels last",
            TWO_LAYERS + "second_count = 16 * 25 * 8": "Those are the weights",
            TWO_LAYERS + "second_count = 16 * 26": "through all 8 channels",
            TWO_LAYERS + "second_count = 16 * 76": "Not the picture comes in here",
            TWO_LAYERS + "second_count = 16 * (5 * 8 + 1)": "window of 5 × 5",
            TWO_LAYERS + "second_count = 8 * (25 * 16 + 1)": "seem exchanged",
            TWO_LAYERS + "second_count = '3216'": "in quotes",
        },
    ),
    "3.3": Answers(
        given="""
            import keras
            import numpy as np
            from keras import layers

            keras.utils.set_random_seed(3)
            clothes_images, clothes_labels = images[..., None], labels
            each_epoch = keras.callbacks.Callback()


            def learn(network, pictures, labels):  # lesson 1's nearest mean: done at once
                before = keras.Model(network.inputs[0], network.layers[-1].input)
                numbers = np.asarray(before(pictures))
                means = np.stack([numbers[labels == k].mean(axis=0) for k in range(10)])
                network.layers[-1].set_weights([means.T, -(means**2).sum(axis=1) / 2])


            model = keras.Sequential(
                [
                    keras.Input((28, 28, 1)),
                    layers.Rescaling(1 / 255),
                    layers.Conv2D(1, 3, padding="same"),
                    layers.Flatten(),
                    layers.Dense(784, activation="relu"),
                    layers.Dense(10, activation="softmax"),
                ]
            )
            pixel = np.zeros((3, 3, 1, 1))
            pixel[1, 1] = 1  # both layers hand on what they get
            model.layers[1].set_weights([pixel, np.zeros(1)])
            model.layers[3].set_weights([np.eye(784), np.zeros(784)])
            learn(model, clothes_images, clothes_labels)
        """,
        right=[
            TINY_CNN + TRAIN,
            """
picture = keras.Input((28, 28))
maps = layers.Reshape((28, 28, 1))(picture)
maps = layers.Rescaling(1 / 255)(maps)
maps = layers.Conv2D(16, 5, strides=3, activation="relu")(maps)
maps = layers.BatchNormalization()(maps)
maps = layers.Flatten()(layers.Dropout(0.1)(maps))
small_cnn = keras.Model(picture, layers.Dense(10, activation="softmax")(maps))
"""
            + TRAIN.replace("clothes_images,", "images,"),
        ],
        wrong={
            "small_cnn = model": "the same network",
            TINY_CNN + "small_cnn = keras.callbacks.History()": (
                "type History. compile and fit change a network"  # what `fit` returns
            ),
            TINY_CNN + "small_cnn = small_cnn.compile()": "None. compile and fit change a network",
            "model = keras.models.clone_model(model)\n" + TINY_CNN: "not the trained one any more",
            TINY_CNN.replace("8, 5, strides=2", "1, 1").replace("16, 3, strides=2", "1, 1"): (
                "sees no forms"
            ),
            TINY_CNN + LEARN.replace("labels)", "labels[::-1])"): "own labels",
            TINY_CNN.replace("strides=2, ", ""): r"Dense '\w+' alone has",
            "small_cnn = keras.models.clone_model(model)": "or fewer. Dense",
            "small_cnn = keras.models.clone_model(model)\n"
            "for layer in small_cnn.layers[:-1]:\n    layer.trainable = False": "trainable=False",
            TINY_CNN: "close to guessing. Was it compiled",
            TINY_CNN.replace(', activation="softmax"', ""): "add up to 1. Which activation",
            TINY_CNN.replace("softmax", "sigmoid"): "add up to 1. Which activation",
            TINY_CNN.replace("Dense(10,", "Dense(11,"): "11 outputs",
            TINY_CNN.replace("layers.Flatten(),", ""): "Which layer makes one row",
            """
small_cnn = keras.Sequential(
    [
        keras.Input((28, 28)),
        layers.Rescaling(1 / 255),
        layers.Flatten(),
        layers.Dense(60, activation="relu"),
        layers.Dense(10, activation="softmax"),
    ]
)
""": r"input \(28, 28\) and no convolution.*channel axis",
            TINY_CNN.replace("28, 28, 1", "28, 28, 3"): r"Seen: input \(28, 28, 3\)",
            TINY_CNN.replace("keras.Input((28, 28, 1)),", ""): "no shapes and no weights yet",
            TINY_CNN + LEARN.replace("images,", "images / 255,"): "scale them once, inside",
            TINY_CNN + "learn(small_cnn, clothes_images[:50], clothes_labels[:50])": (
                "for an epoch or two"
            ),
            "small_cnn = [layers.Conv2D(8, 3), layers.Dense(10)]": "Expected: a Keras model",
        },
    ),
}
