"""Answers to the exercises of lesson 2."""

from answers.model import Answers

KERAS = "import numpy as np\nimport keras\nfrom keras import layers\n"
TRAIN_FAST = """
train_images, train_labels = images[:2000], labels[:2000]
validation_images, validation_labels = images[2000:], labels[2000:]
keras.utils.set_random_seed(1)

def train_fast(network):
    sgd = keras.optimizers.SGD(learning_rate=0.1)
    network.compile(optimizer=sgd, loss="sparse_categorical_crossentropy")
    network.fit(train_images, train_labels, epochs=2, verbose=0)
"""


def counts(hidden, output, network):
    """Write the three counts of exercise 2.1."""
    return f"hidden_count = {hidden}\noutput_count = {output}\nnetwork_count = {network}"


def network(*lines, name="my_model"):
    """Write a Sequential model for pictures of 28 × 28 with these layers."""
    listed = ", ".join(["keras.Input(shape=(28, 28))", *lines])
    return f"{name} = keras.Sequential([{listed}])"


def losses(a="SPARSE()", b="CATEGORICAL()", c="SPARSE(True)", d="CATEGORICAL(True)"):
    """Write the four losses of exercise 2.3, all but those given right."""
    code = f"loss_a = {a}\nloss_b = {b}\nloss_c = {c}\nloss_d = {d}"
    for short, name in {"SPARSE": "Sparse", "CATEGORICAL": ""}.items():
        full = f"keras.losses.{name}CategoricalCrossentropy("
        code = code.replace(f"{short}(True", f"{full}from_logits=True").replace(f"{short}(", full)
    return code


def repaired(*lines, then="train_fast(repaired)"):
    """Write a network of exercise 2.4 and its training."""
    return network(*lines, name="repaired") + "\n" + then


SCALE, FLAT = "layers.Rescaling(1 / 255)", "layers.Flatten()"
HIDDEN, LAST = 'layers.Dense(64, activation="relu")', 'layers.Dense(10, activation="softmax")'
SPARSE = '"sparse_categorical_crossentropy"'

ANSWERS = {
    "2.1": Answers(
        given="",
        right=[
            counts("50_240", "650", "50_240 + 650"),
            counts("(784 + 1) * 64.0", "(64 + 1) * 10", "785 * 64 + 65 * 10"),
            "import numpy as np\n" + counts("np.int64(50240)", "np.array([650])", "50890.0"),
        ],
        wrong={
            counts("784 * 64", "64 * 10", "784 * 64 + 64 * 10"): "the weights alone",
            counts("784 + 64", "64 + 10", "784 + 64 + 64 + 10"): "Weights were added up",
            counts("784 * 64 + 784", 650, 50890): "A bias for each input",
            counts("28 * 64 + 64", 650, 2506): "takes one row of pixels",
            counts("784 * 128 + 128", 1290, 101770): "for 128 neurons, as in the lesson",
            counts("50,240", 650, 50890): "two numbers with a comma between",
            counts("'50240'", 650, 50890): "hidden_count: seen the text '50240', in quotes",
            counts("50.240", 650, "50.890"): "a point begins the fraction",
            counts(785, 65, 850): "That is one neuron. The layer has 64",
            counts(784, 64, 848): "inputs of one neuron",
            counts(64, 10, 74): "Those are the neurons",
            counts(50240, "64 + 10", 50314): "output_count.*Weights were added up",
            counts(50240, 650, "50240 + 650 + 784"): "The input has no parameters",
            counts(50240, "784 * 10 + 10", 58090): "does not see the pixels",
            counts(50240, "64 * 10 + 1", 50881): "One bias for the whole layer",
            counts(50240, 650, 50240): "the hidden layer alone",
            counts(50240, 650, "50240 * 650"): "one times the other",
            counts(50240, 650, 50891): "all layers together. Which layers have any",
        },
    ),
    "2.2": Answers(
        given=KERAS,
        right=[
            """
            my_model = keras.Sequential()
            my_model.add(keras.Input((28, 28)))
            my_model.add(layers.Flatten())
            my_model.add(layers.Rescaling(scale=1 / 255.0))
            my_model.add(layers.Dense(64))
            my_model.add(layers.ReLU())
            my_model.add(layers.Dense(10))
            my_model.add(layers.Activation("softmax"))
            """,
            """
            pictures = keras.Input((28, 28), dtype="uint8")
            rows = layers.Reshape((784,))(pictures)
            sums = layers.Dense(64, activation=keras.activations.relu)(rows / 255)
            outputs = layers.Dense(10, activation=keras.activations.softmax)(sums)
            my_model = keras.Model(pictures, outputs)
            """,
            network(SCALE, FLAT, HIDDEN, LAST) + '\nmy_model.compile("sgd", "mse")',
        ],
        wrong={
            network(SCALE, HIDDEN, LAST): "each of the 28 rows by itself",
            network(SCALE, HIDDEN, FLAT, LAST): "Flatten comes too late",
            network(FLAT, HIDDEN, LAST): "as they are, from 0 to 255",
            network(SCALE, SCALE, FLAT, HIDDEN, LAST): "divided by 255 twice",
            network("layers.Rescaling(255)", FLAT, HIDDEN, LAST): "multiplied by 255",
            network("layers.Rescaling(1 / 256)", FLAT, HIDDEN, LAST): "a little less than 1",
            network(FLAT, HIDDEN, SCALE, LAST): "do something else than described",
            network(SCALE, FLAT, "layers.Dense(64)", LAST): "only if you ask for it",
            network(SCALE, FLAT, HIDDEN.replace("relu", "softmax"), LAST): "Where in the network",
            network(
                SCALE, FLAT, HIDDEN.replace("relu", "softmax"), LAST.replace("softmax", "relu")
            ): "Seen: softmax in the hidden layer, relu at the end",
            network(SCALE, FLAT, HIDDEN.replace("relu", "sigmoid"), LAST): "cuts off below zero",
            network(SCALE, FLAT, HIDDEN, "layers.Dense(10)"): "logits come out",
            network(SCALE, FLAT, HIDDEN, LAST.replace("softmax", "sigmoid")): "do not add up to 1",
            network(SCALE, FLAT, HIDDEN, LAST, "layers.Softmax()"): "Is one too many",
            network(SCALE, FLAT, HIDDEN.replace("relu", "gelu"), LAST): "else in its brackets",
            network(FLAT, HIDDEN, LAST, SCALE): "in another place",
            network(SCALE, FLAT, "layers.Dense(64)", "layers.Dense(10)"): "Without one, two layers",
            network(SCALE, FLAT, HIDDEN, LAST.replace("10", "9")): "from 0 to 9",
            network(SCALE, FLAT, HIDDEN, LAST.replace("10", "11")): r"\(20, 11\) comes out",
            network(SCALE, FLAT, HIDDEN.replace("64", "128"), LAST): "have 128 and 10 neurons",
            network(SCALE, FLAT, LAST): "Dense layers: 1",
            network(SCALE, FLAT, HIDDEN, HIDDEN, LAST): "Dense layers: 3",
            f"my_model = keras.Sequential([{SCALE}, {FLAT}, {HIDDEN}, {LAST}])": "keras.Input",
            f"my_model = keras.Sequential([keras.Input((784,)), {SCALE}, {HIDDEN}, {LAST}])": (
                "does not take pictures of 28 × 28"
            ),
            f"my_model = keras.Sequential([keras.Input((10, 28, 28)), {FLAT}, {LAST}])": (
                "the number of pictures"
            ),
            f"my_model = [{SCALE}, {FLAT}, {HIDDEN}, {LAST}]": "a list of 4",
        },
    ),
    "2.3": Answers(
        given=KERAS,
        right=[
            losses(SPARSE, '"CategoricalCrossentropy"'),
            losses(
                "keras.losses.SparseCategoricalCrossentropy",
                "keras.losses.categorical_crossentropy",
                "lambda y, z: keras.losses.sparse_categorical_crossentropy(y, z, True)",
                "CATEGORICAL(axis=-1, True)".replace("axis=-1, True", "True"),
            ),
        ],
        wrong={
            losses(a="CATEGORICAL()"): "loss_a: .* takes one-hot labels. Here, they are class",
            losses(b=SPARSE): "loss_b: .* takes class ids. Here, they are one-hot",
            losses(a="SPARSE(True)"): "loss_a: .* It applies softmax itself",
            losses(c=SPARSE): "loss_c: .* takes what it gets for probabilities",
            losses(c="keras.losses.SparseCategoricalCrossentropy"): (
                "loss_c: seen SparseCategoricalCrossentropy. It takes what it gets"
            ),
            losses(c="keras.losses.sparse_categorical_crossentropy"): (
                "loss_c: seen sparse_categorical_crossentropy. It takes what it gets"
            ),
            losses(a='"sparse_categorical_cross_entropy"'): "spelled as in lesson 1",
            losses(c="CATEGORICAL()"): "takes one-hot labels.*takes what it gets for probabilities",
            losses(d="SPARSE(True)"): "loss_d: .* It takes class ids",
            losses(b='"mse"'): "Squared errors suit",
            losses(b="keras.losses.MeanSquaredError()"): "Squared errors suit",
            losses(b='"binary_crossentropy"'): "for yes or no",
            losses(a='"accuracy"'): "loss_a: seen a metric",
            losses(a="keras.metrics.SparseCategoricalAccuracy()"): "loss_a: seen a metric",
            losses(a='"sparse_crossentropy"'): "Keras knows no such loss",
            losses(
                c='"SparseCategoricalCrossentropy(from_logits=True)"'
            ): "Only a name may stand in quotes",
            losses(a="'softmax'"): "Keras knows no such loss",
            losses(b='"hinge"'): "not made for it",
        },
    ),
    "2.4": Answers(
        given=KERAS + TRAIN_FAST,
        right=[
            repaired(FLAT, "layers.Rescaling(1 / 127.5, offset=-1)", HIDDEN, HIDDEN, LAST),
            """
            pictures = keras.Input((28, 28))
            hidden = layers.Dense(100, "relu")(layers.Flatten()(pictures / 255.0))
            repaired = keras.Model(pictures, layers.Dense(10)(hidden))
            loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
            repaired.compile("adam", loss)
            repaired.fit(train_images, train_labels, epochs=3, verbose=0)
            """,
            repaired(f"keras.Sequential([keras.Input((28, 28)), {SCALE}, {FLAT}, {HIDDEN}])", LAST),
        ],
        wrong={
            repaired(FLAT, HIDDEN, LAST): "More epochs do not mend that",
            repaired(FLAT, HIDDEN, LAST, then="train_fast(repaired)\n" * 3): (
                "The largest number that enters its first dense layer is 255"
            ),
            repaired(
                FLAT,
                HIDDEN,
                LAST,
                then="repaired.compile(keras.optimizers.SGD(0.0001), loss="
                + SPARSE
                + ")\nrepaired.fit(train_images, train_labels, epochs=3, verbose=0)",
            ): "It learns all the same",
            "train_images = train_images / 255\n" + repaired(FLAT, HIDDEN, LAST): (
                "or other pictures, hide the cause"
            ),
            "train_images, validation_images = train_images / 255, validation_images / 255\n"
            + repaired(FLAT, HIDDEN, LAST): "largest pixel of validation_images is now 1",
            repaired(SCALE, FLAT, HIDDEN, "layers.Dense(10)"): "train_fast expects probabilities",
            repaired(SCALE, SCALE, FLAT, HIDDEN, LAST): "divided twice",
            repaired(SCALE, FLAT, HIDDEN, LAST, then=""): "has not been trained",
            "train_labels = (train_labels + 1) % 10\n" + repaired(SCALE, FLAT, HIDDEN, LAST): (
                "Were labels changed"
            ),
            "train_labels = train_labels * 0\n" + repaired(SCALE, FLAT, HIDDEN, LAST): (
                "class 0 for 500 of 500 .* labels as they were"
            ),
            repaired(SCALE, FLAT, HIDDEN, "layers.Dense(10)", "layers.Softmax(axis=0)"): (
                "Along which axis does your softmax go"
            ),
            repaired(
                FLAT,
                "layers.Dense(64)",
                "layers.Dense(10)",
                then="repaired.compile('sgd', 'mse')\n"
                "repaired.fit(train_images, np.eye(10)[train_labels], verbose=0)",
            ): "not a number",
            repaired(SCALE, FLAT, HIDDEN, LAST.replace("10", "9"), then=""): "from 0 to 9",
            "repaired = train_fast(" + repaired(SCALE, FLAT, HIDDEN, LAST, then="")[11:-1] + ")": (
                "train_fast changes a network and returns nothing"
            ),
        },
    ),
}
