"""Answers to the exercises of lesson 5."""

from answers.model import Answers

NEAREST_MEAN = """
    import keras
    import numpy as np
    from helpers import datasets, exercises
    from keras import layers

    class_names = datasets.FASHION_MNIST_CLASSES
    means = np.stack([images[labels == k].mean(axis=0).ravel() for k in range(10)]) / 255
    test_images, test_labels = images, labels
    pictures = test_images[..., np.newaxis]
    model = keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Rescaling(1 / 255),
            layers.Flatten(),
            layers.Dense(10, activation="softmax"),
        ]
    )
    model.layers[-1].set_weights([means.T, -(means**2).sum(axis=1) / 2])
    model.compile(run_eagerly=True)  # so that `predict` does not trace a graph first
"""  # lesson 1's nearest mean, as a network: it needs no training

MORE = "more = model.predict(pictures[20:26], verbose=0)\n"
COUNTS = (
    "from sklearn.metrics import confusion_matrix\n"
    "counts = confusion_matrix(test_labels, answers)\n"
)
NAMED = "\nmost_confused = class_names[row], class_names[column]"
SENT = "sent = 1 - test_images[7] / 255\n"
NEW = "[np.newaxis, ..., np.newaxis]"

ANSWERS = {
    "5.1": Answers(
        given=NEAREST_MEAN,
        right=[
            MORE + "more_names = np.array(class_names)[more.argmax(axis=1)]",
            MORE + "more_names = [class_names[list(row).index(max(row))] for row in more]",
            MORE + "more_names = tuple(class_names[np.argmax(row)] for row in more)",
        ],
        wrong={
            MORE + "more_names = [class_names[i] for i in more.argmax(axis=0)]": "along axis 0",
            MORE + "more_names = more.argmax(axis=0)": "along axis 0",
            MORE + "more_names = more.argmax(axis=-1)": "class ids, and they are right",
            MORE + "more_names = more.max(axis=-1)": "largest probabilities, from max",
            MORE + "more_names = more.argmax()": "Without axis",
            MORE + "more_names = [class_names[i] for i in more.argmin(axis=-1)]": "smallest",
            MORE + "more_names = class_names[more[0].argmax()]": "one text alone",
            MORE + "more_names = [class_names[more[0].argmax()]]": "Seen: 1 name. Expected: 6",
            MORE + "more_names = sorted(class_names[i] for i in more.argmax(-1))": "another order",
            MORE
            + "more_names = [class_names[i] for i in more.argsort(-1)[:, -2]]": "second largest",
            MORE
            + "more_names = [class_names[i] for i in test_labels[20:26]]": "of 6 names are not",
            MORE
            + "more_names = [class_names[i].lower() for i in more.argmax(-1)]": "as they stand",
            MORE + "more_names = class_names": "Seen: 10 names. Expected: 6",
            MORE + "more_names = {class_names[i] for i in more.argmax(-1)}": "has no order",
            MORE
            + "more_names = (class_names[i] for i in more.argmax(-1))": "used up after one look",
            MORE + "more_names = [(class_names[r.argmax()], r.max()) for r in more]": (
                "in it a tuple of 2"
            ),
            MORE + "more_names = [[class_names[r.argmax()]] for r in more]": "in it a list of 1",
            MORE + "more_names = [str(i) for i in more.argmax(-1)]": "a number as text",
            MORE + "more_names = []": "empty",
            MORE + "more = more.argmax(axis=-1)\nmore_names = [class_names[i] for i in more]": (
                "more was changed: its shape is .6,."
            ),
        },
    ),
    "5.2": Answers(
        given=NEAREST_MEAN + "    answers = model.predict(pictures, 999, verbose=0).argmax(-1)\n",
        right=[
            COUNTS
            + "np.fill_diagonal(counts, 0)\nrow, column = divmod(counts.argmax(), 10)"
            + NAMED,
            COUNTS + "most, most_confused = 0, None\n"
            "for row in range(10):\n"
            "    for column in range(10):\n"
            "        if row != column and counts[row, column] > most:\n"
            "            most = counts[row, column]\n"
            "            most_confused = np.array([class_names[row], class_names[column]])",
        ],
        wrong={
            COUNTS + "row, column = divmod(counts.argmax(), 10)" + NAMED: "on the diagonal",
            COUNTS
            + "np.fill_diagonal(counts, 0)\ncolumn, row = divmod(counts.argmax(), 10)"
            + NAMED: "Row and column are swapped",
            COUNTS + "np.fill_diagonal(counts, 0)\nmost_confused = divmod(counts.argmax(), 10)": (
                "two numbers"
            ),
            COUNTS
            + "np.fill_diagonal(counts, 9999)\nrow, column = divmod(counts.argmin(), 10)"
            + NAMED: "never happens",
            COUNTS + "np.fill_diagonal(counts, 0)\ncolumn = counts.sum(axis=0).argmax()\n"
            "row = np.flatnonzero((counts[:, column] > 0) & (counts[column] < counts.max()))[0]"
            + NAMED: "column holds most wrong answers in total",
            COUNTS
            + "np.fill_diagonal(counts, 0)\nmost_confused = class_names[counts.argmax() // 10]": (
                "Expected: two names"
            ),
            COUNTS + "most_confused = 'shirt', 'pullover'": "as it stands in class_names",
            COUNTS + "most_confused = counts.diagonal()": "made of numbers",
            COUNTS + "np.fill_diagonal(counts, 0)\nmost_confused = counts.argmax()": (
                "counts through all cells"
            ),
            COUNTS
            + "np.fill_diagonal(counts, 0)\nrow, column = divmod(counts.argmax(), 10)"
            + "\nmost_confused = {class_names[row], class_names[column]}": "has no order",
            COUNTS + "most_confused = [class_names[6], 0]": "in it the number 0",
            COUNTS + "most_confused = [(class_names[6], class_names[0])]": "in it a tuple of 2",
            COUNTS + "most_confused = np.fill_diagonal(counts, 0)": "returns None",
        },
    ),
    "5.3": Answers(
        given="import numpy as np\nfrom helpers import exercises\n\ntest_images = images",
        right=[
            SENT + "batch = test_images[7:8, ..., np.newaxis]",
            SENT + "batch = ((1 - sent) * 255).reshape(1, 28, 28, 1)",
            SENT + "batch = (255 - sent * 255).astype('uint8')" + NEW,  # a gray is 1 lower
            SENT + "batch = np.expand_dims(255 - (sent * 255).astype('float32'), (0, 3))",
        ],
        wrong={
            SENT + "batch = 255 * (1 - sent)": "batch and the channel are missing",
            SENT + "batch = (255 * (1 - sent))[..., np.newaxis]": "must stand in front",
            SENT + "batch = (255 * (1 - sent))[np.newaxis]": "do not rely on it",
            SENT + "batch = (255 * (1 - sent))[..., np.newaxis, np.newaxis]": "batch of 28 rows",
            SENT + "batch = (1 - sent)" + NEW: "divides by 255 itself",
            SENT
            + "batch = (1 - sent).astype('uint8')"
            + NEW: "wants raw pixels|before the multiplication",
            SENT + "batch = (255 - sent)" + NEW: "Is it another picture|as it was sent",
            SENT + "batch = (1 - 255 * sent)" + NEW: "none below 0",
            SENT + "batch = (255 * sent)" + NEW: "Turn it around",
            SENT + "batch = (255 * (1 - sent)).T" + NEW: "turned or mirrored",
            SENT + "batch = np.rot90(255 * (1 - sent))" + NEW: "turned or mirrored",
            SENT + "batch = (255 * (1 - sent)).astype('int8')" + NEW: "int8 ends at 127",
            SENT + "batch = test_images[8:9, ..., np.newaxis]": "Is it another picture",
            SENT + "batch = np.where(sent < 0.9, 255, 0)" + NEW: "grays are gone",
            SENT
            + "batch = (255 * (1 - sent).round())"
            + NEW: "grays are gone|before the multiplication",
            SENT + "batch = test_images[7:9, ..., np.newaxis]": "Expected: .1, 28",
            SENT + "sent = 1 - sent\nbatch = (255 * (1 - sent))" + NEW: (
                "sent was changed: it is light on dark now"
            ),
            SENT + "sent = 255 * (1 - sent)\nbatch = sent" + NEW: "sent was changed",
            SENT + "sent = sent" + NEW + "\nbatch = 255 * (1 - sent)": "sent was changed",
            SENT + "batch = (255 * 255 * (1 - sent))" + NEW: "Which number makes 1 to 255",
        },
    ),
}
