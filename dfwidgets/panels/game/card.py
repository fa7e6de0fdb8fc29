"""The picture of a card as it is guessed at, and what is laid over it after the guess."""

from __future__ import annotations

import numpy as np
from PIL import Image

from dfwidgets.explain import sentences
from dfwidgets.game import SIDE, Card
from dfwidgets.panels.widgets.picture import Picture
from dfwidgets.pictures import open_image

_COUNTS_AS_CHANGED = 63  # of 255: from a quarter on, so that soft edges of a mask count


class CardPicture(Picture):
    """Shows one card of a game; before the guess nothing but what everybody sees of it."""

    card: Card | None = None
    # What was found out of this card, with what it was found out of.
    _looked: tuple[np.ndarray | None, str] = (None, "")
    _changed: tuple[np.ndarray, np.ndarray | None] | None = None

    def show_card(self, card: Card | None, alt: str = "") -> None:
        """Show a card, with nothing laid over it; None shows nothing."""
        if card is self.card:
            return
        self.card = card
        self._looked = (None, "")
        self._changed = None
        self.show_file(card.shown if card else b"", alt)

    def show_changed(self, image: np.ndarray) -> None:
        """Outline where the card was changed, as far as that is known.

        Args:
            image: the whole of its picture, uint8 (height, width, 3).
        """
        changed = self.changed(image)
        if changed is not None and not self.mask:
            row, column = np.argwhere(changed).mean(axis=0)
            place = sentences.place_words(row, column, changed.shape)
            self.show_mask(changed, f"Changed here, {place}")

    def changed(self, image: np.ndarray) -> np.ndarray | None:
        """Where the card was changed, bool (SIDE, SIDE); None where nobody knows."""
        if self.card is None:
            return None
        if self._changed is None or self._changed[0] is not image:
            self._changed = image, _changed(self.card, image)
        return self._changed[1]

    def show_looked(self, heatmap: np.ndarray | None) -> str:
        """Lay over the card's part of a heatmap, float (height, width) of the whole picture.

        Returns:
            where it is strongest, in words; "" where it is nowhere.
        """
        if heatmap is self._looked[0] or self.card is None:
            return self._looked[1]
        place = ""
        part = None
        if heatmap is not None:
            left, top, right, bottom = self.card.window
            part = heatmap[top:bottom, left:right]
            if part.any():
                place = sentences.hottest_place(part)

        if place:
            self.show_heat(part, f"Heat where the model looked, {place}")
        else:
            self.show_heat(None)
        self._looked = heatmap, place
        return place


def _changed(card: Card, image: np.ndarray) -> np.ndarray | None:
    """Where a fake was changed, bool (SIDE, SIDE), in the part of it that is shown."""
    if card.sample.mask is None:
        return None
    try:
        mask = open_image(card.sample.mask)
    except (OSError, ValueError):  # deleted or damaged: then the reveal does without
        return None
    if mask.shape != image.shape:
        return None

    left, top, right, bottom = card.window
    part = Image.fromarray(mask[top:bottom, left:right]).convert("L")
    changed = np.asarray(part.resize((SIDE, SIDE), Image.Resampling.BILINEAR)) > _COUNTS_AS_CHANGED
    return changed if changed.any() else None
