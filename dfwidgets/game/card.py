"""One picture in play: what is shown of it, and the whole of it for the model."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dfwidgets.folders import Sample
from dfwidgets.game.shown import square_around, to_shown
from dfwidgets.pictures import ImageError, find_faces, open_image


@dataclass(frozen=True, eq=False)
class Card:
    """A picture in play. Only `shown` may reach the browser before the guess."""

    sample: Sample
    shown: bytes
    """What the browser gets: a JPEG of `SIDE` x `SIDE` pixels, of the same length for every card of
    the round."""
    window: tuple[int, int, int, int]
    """The square of the upright picture that is shown: (left, top, right, bottom) in its pixels."""

    def open(self) -> np.ndarray:
        """Open the whole picture, uint8 (height, width, 3), for the model to judge.

        Raises:
            ImageError: it was moved, deleted or damaged meanwhile; the text is a sentence for the
                person.
        """
        return _open(self.sample)


def make_card(sample: Sample) -> Card:
    """Open a picture, find its face and get ready what is shown of it; slow.

    Raises:
        ImageError: it can't be read; the text is a sentence for the person.
    """
    image = _open(sample)
    # The largest face is the one that the model judges, too.
    faces = find_faces(image)
    window = square_around(image, faces[0] if faces else None)
    return Card(sample, to_shown(image, window), window)


def _open(sample: Sample) -> np.ndarray:
    try:
        return open_image(sample.path)
    except FileNotFoundError as error:
        raise ImageError("This picture was moved or deleted meanwhile.") from error
    except OSError as error:
        raise ImageError(f"This picture can't be read: {error.strerror or error}.") from error
