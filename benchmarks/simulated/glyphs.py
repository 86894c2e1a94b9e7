"""Every table of glyphs in this course: one trains a network, two judge it, one shows examples.

- ``TRAINING`` glyphs train the network for digits. Only ``models/augmentation.py`` uses them.
- ``JUDGING`` glyphs judge it, in the simulated pictures of ``conditions.py``; ``PAD`` glyphs judge
  the whole way from the mouse to the answer, in the browser test. No network has seen them.
- ``EXAMPLES`` are the glyphs in the example pictures of lesson 5, which ``examples.py`` draws.

A network that is judged by what it was trained on looks better than it is. So no training glyph
may stand in another table, not even nearly; ``tests/test_simulated.py`` compares them. A plain 1
and a plain 7, one and two straight lines, are alike everywhere: they have only one shape.

A glyph is a text with the points of the pen's path, ``"x,y x,y"``: x to the right, y down, in the
box that stands above its table. Where the pen is lifted, there is a slash. ``read`` takes a glyph
apart. ``PAD`` alone holds points, because most of its strokes are arcs.
"""

from __future__ import annotations

import numpy as np


def read(glyph: str) -> list[tuple[np.ndarray, bool]]:
    """Return the strokes of a glyph: the points, float (n, 2), and whether they form a curve."""
    strokes = glyph.split(" / ")
    points = [[pair.split(",") for pair in stroke.lstrip("~").split()] for stroke in strokes]
    curved = [stroke.startswith("~") for stroke in strokes]
    return [(np.array(pairs, float), curve) for pairs, curve in zip(points, curved, strict=True)]


def arc(
    x: float, y: float, width: float, height: float, start: float, stop: float
) -> list[tuple[float, float]]:
    """Return points on an ellipse around (x, y); angles in degrees, 0 to the right, 90 down."""
    angles = np.radians(np.linspace(start, stop, 20))
    return [(x + width * np.cos(a), y + height * np.sin(a)) for a in angles]


# Box of 9 x 9. Corners will be rounded; a point that is repeated stays sharp.
TRAINING: dict[int, list[str]] = {
    0: ["5,0 2,0 0,4 0,7 2,9 5,9 8,7 9,4 7,2 5,0", "6,0 3,0 1,2 0,6 3,8 6,9 9,5 8,2 5,0 4,1",
        "5,0 2,0 0,4 0,7 2,9 5,9 8,7 9,4 7,2 5,0 / 8,1 1,8", "4,0 1,2 1,7 4,9 7,7 7,2 4,0"],
    1: ["5,0 5,9", "3,3 5,0 5,0 5,0 5,9", "3,3 5,0 5,0 5,0 5,9 / 2,9 8,9", "0,5 6,0 6,0 6,0 6,9",
        "1,4 5,0 5,0 5,0 5,9 / 1,9 9,9", "5,0 5,9 / 2,9 8,9"],
    2: ["1,2 3,0 6,0 8,2 6,4 3,7 0,9 0,9 0,9 9,9", "1,2 3,0 6,0 8,2 6,4 3,8 1,9 1,7 3,8 6,9 9,8",
        "1,0 8,0 8,0 8,0 0,9 0,9 0,9 9,9", "1,2 3,0 6,0 7,2 5,4 2,8 1,9 1,8 3,8 6,9 9,9"],
    3: ["1,1 4,0 7,1 8,2 6,4 4,4 4,4 6,4 8,7 6,9 3,9 0,8",
        "1,0 8,0 8,0 8,0 4,3 4,3 7,5 8,7 5,9 1,9", "1,1 5,0 8,2 4,4 4,4 4,4 8,7 6,9 3,9 0,8"],
    4: ["6,0 6,0 0,6 0,6 0,6 9,6 / 6,0 6,9", "2,0 1,5 1,5 1,5 8,5 / 7,0 6,9",
        "1,0 0,5 0,5 0,5 9,5 / 5,3 5,9", "4,0 0,6 0,6 0,6 9,6 / 6,3 6,9",
        "1,0 1,4 2,6 5,6 8,5 / 8,0 7,9"],
    5: ["8,0 2,0 2,0 2,0 1,4 1,4 5,4 8,6 7,8 4,9 0,9", "2,0 1,4 1,4 5,4 8,6 7,8 4,9 0,9 / 2,0 9,0",
        "8,1 4,0 1,2 2,4 6,4 8,7 5,9 1,8", "9,0 1,0 1,0 1,0 1,5 1,5 5,3 8,6 6,9 1,9"],
    6: ["7,0 3,2 1,5 1,8 4,9 7,9 8,7 6,5 3,5 1,7", "6,0 1,6 1,9 5,9 8,8 6,6 4,5 1,7",
        "5,0 1,4 1,7 3,9 6,9 8,7 6,5 3,5 1,7", "8,3 6,0 3,0 1,4 1,7 4,9 7,9 8,6 5,5 2,6 1,7"],
    7: ["0,0 9,0 9,0 9,0 3,9", "0,0 9,0 9,0 9,0 3,9 / 2,5 8,5", "0,2 0,0 0,0 0,0 9,0 9,0 9,0 4,9",
        "0,1 3,0 6,0 9,0 9,0 5,5 4,9", "0,2 0,0 0,0 0,0 9,0 9,0 9,0 4,9 / 3,5 8,5"],
    8: ["8,2 5,0 2,0 1,3 3,5 6,5 8,8 5,9 2,8 1,6 4,5 7,4 8,2",
        "4,0 1,1 2,3 4,4 7,4 8,2 6,1 4,0 / 4,4 1,6 1,8 4,9 7,9 8,7 6,5 4,4",
        "8,0 4,0 1,1 2,3 6,5 8,7 6,9 2,9 0,8 2,5 6,3 8,1"],
    9: ["8,2 5,0 2,0 1,3 2,5 5,5 8,3 8,2 8,2 8,2 7,9",
        "8,2 5,0 2,0 1,3 2,5 5,5 8,3 8,1 8,6 5,9 2,8", "8,0 4,0 1,3 3,5 6,5 8,0 8,0 8,0 7,9",
        "7,2 4,0 1,2 1,4 3,6 5,5 7,3 7,2 7,2 6,7 2,9"],
}  # fmt: skip

# Box of 100 x 100. A stroke after "~" is a smooth curve; any other is made of straight lines.
JUDGING: dict[int, list[str]] = {
    0: ["~50,0 16,14 2,50 16,87 50,100 84,87 98,50 84,14 50,0",
        "~50,0 16,14 2,50 16,87 50,100 84,87 98,50 84,14 50,0",
        "~60,2 25,10 5,50 30,95 70,90 95,50 70,10 45,5"],
    1: ["50,0 50,100", "25,25 55,0 55,100", "25,22 50,0 50,100 / 20,100 80,100"],
    2: ["~5,25 30,2 75,5 90,30 60,60 5,100 / 5,100 95,100",
        "~10,20 40,0 85,15 75,50 30,95 10,85 30,78 60,95 95,95"],
    3: ["~10,12 45,0 85,15 75,40 40,48 80,58 90,82 50,100 5,88",
        "10,0 85,0 45,40 / ~45,40 80,50 90,78 50,100 5,88"],
    4: ["70,100 70,0 2,68 98,68", "20,0 10,55 95,55 / 75,5 70,100",
        "15,2 12,50 75,50 / 80,0 80,100"],
    5: ["90,0 20,0 15,42 / ~15,42 50,36 88,50 85,85 50,100 5,90",
        "20,6 15,45 / 28,2 95,0 / ~15,45 55,38 90,60 75,93 40,100 5,90"],
    6: ["~75,0 35,25 10,65 30,97 70,97 90,72 65,52 30,58 12,75",
        "~55,0 20,40 10,75 40,100 80,90 82,62 50,52 15,70"],
    7: ["5,0 95,0 35,100", "5,0 95,0 35,100 / 30,50 85,48", "5,12 8,0 92,2 / ~92,2 60,45 42,100"],
    8: ["~85,12 50,0 15,15 30,40 70,58 88,82 50,100 12,82 30,58 70,40 85,12",
        "~50,0 20,12 22,36 50,46 80,34 80,10 50,0 / ~50,46 12,60 12,88 50,100 88,88 88,60 50,46"],
    9: ["~88,25 60,2 20,12 15,40 50,52 88,25 / 88,20 82,100",
        "~85,20 50,0 12,20 30,50 75,42 88,15 85,60 60,100 20,95"],
}  # fmt: skip

# Box 100 wide and 140 high. All strokes are smooth curves.
EXAMPLES: dict[str, str] = {
    "0": "58,4 30,12 10,50 12,100 38,136 72,124 92,80 84,30 60,6 44,10",
    "1": "26,38 44,22 58,2 56,60 52,138",
    "2": "12,34 28,8 60,2 82,24 74,58 44,96 8,134 50,128 98,132",
    "3": "14,18 44,2 78,14 74,46 42,64 78,74 90,106 62,136 22,132 6,114",
    "4": "58,2 36,44 8,92 50,88 98,86 / 72,50 68,92 64,140",
    "5": "30,8 24,36 18,64 50,54 84,70 88,106 58,136 14,128 / 30,8 60,8 92,2",
    "6": "74,2 40,30 14,78 16,118 46,138 80,122 84,88 56,74 26,90 16,112",
    "7": "8,12 50,10 92,6 74,44 52,90 40,138 / 34,74 58,70 84,70",
    "8": "74,18 46,2 20,22 34,54 70,82 84,112 54,138 20,118 28,84 62,56 82,30 72,14",
    "9": "80,26 50,4 18,22 16,56 44,70 74,52 82,24 82,60 74,104 56,138",
    "4 or 9": "34,6 20,34 18,62 50,68 84,58 / 80,12 76,56 72,96 68,138 / 34,6 48,8",
    "b": "20,2 18,60 16,132 / 17,84 44,66 78,82 82,112 54,136 18,128",
}  # fmt: skip

# Box of 1 x 1, as points: the strokes of each digit, in the order in which one writes them.
PAD: dict[int, list[list[tuple[float, float]]]] = {
    0: [arc(0.5, 0.5, 0.22, 0.34, -90, 270)],
    1: [[(0.52, 0.15), (0.48, 0.85)]],
    2: [[*arc(0.5, 0.34, 0.2, 0.18, -170, 35), (0.3, 0.84), (0.74, 0.84)]],
    3: [[*arc(0.47, 0.32, 0.17, 0.15, -150, 90), *arc(0.47, 0.66, 0.2, 0.19, -90, 150)]],
    4: [[(0.4, 0.15), (0.27, 0.56), (0.74, 0.56)], [(0.6, 0.36), (0.6, 0.88)]],
    5: [[(0.36, 0.16), (0.34, 0.46), *arc(0.47, 0.64, 0.2, 0.2, -125, 150)],
        [(0.36, 0.16), (0.7, 0.16)]],
    6: [[*arc(0.68, 0.62, 0.38, 0.48, -110, -180), *arc(0.5, 0.67, 0.2, 0.18, 180, 540)]],
    7: [[(0.28, 0.18), (0.72, 0.18), (0.44, 0.86)]],
    8: [[*arc(0.5, 0.33, 0.16, 0.16, 90, -270), *arc(0.5, 0.67, 0.19, 0.18, -90, 270)]],
    9: [[*arc(0.5, 0.34, 0.18, 0.18, 0, -360), (0.62, 0.86)]],
}  # fmt: skip
