"""Explorers: small tools that answer while a reader draws or moves something.

``pad`` is one. Each explorer has three files of its name: ``pad.js``, an ES module for the browser,
which imports nothing and needs no network; ``pad.css``; and ``pad.py``, its face in Python: a
widget whose traits are all that both sides share. The browser sends what the reader did, Python
computes, and the answer goes back. Python also puts out a still picture of an example, for pages
where no widget runs. Anything else that it needs, such as a model, the lesson hands in.

To add an explorer, write its three files, and import its function here.
"""

from helpers.explorers.pad import Pad, PadError, pad

__all__ = ["Pad", "PadError", "pad"]
