"""The picture of a card: as it is guessed at, then where it was changed and where the model looked."""

from __future__ import annotations

import numpy as np
from PIL import Image

from dfwidgets.explain import sentences
from dfwidgets.game import SIDE, Card
from dfwidgets.panels.widgets.picture import Picture
from dfwidgets.pictures import open_image


class CardPicture(Picture):
    """Shows one card of a game; before the guess nothing but what everybody sees of it."""

    card: Card | None = None
    _looked: tuple[np.ndarray | None, str] = (None, "")
    _changed: tuple[np.ndarray, np.ndarray | None] | None = None

    def show_card(self, card: Card | None, alt: str = "") -> None:
        """Show a card, with nothing laid over it; None shows nothing."""
        if card is not self.card:
            self.card, self._looked, self._changed = card, (None, ""), None
            self.show_file(card.shown if card else b"", alt)

    def show_changed(self, image: np.ndarray) -> None:
        """Outline where the card was changed, as far as that is known; `image` is the whole of its
        picture."""
        changed = self.changed(image)
        if changed is not None and not self.mask:
            row, column = np.argwhere(changed).mean(axis=0)
            self.show_mask(
                changed, f"Changed here, {sentences.place_words(row, column, changed.shape)}"
            )

    def changed(self, image: np.ndarray) -> np.ndarray | None:
        """Where the card was changed, bool (SIDE, SIDE); None where nobody knows."""
        if self.card is None:
            return None
        if self._changed is None or self._changed[0] is not image:
            self._changed = image, _changed(self.card, image)
        return self._changed[1]

    def show_looked(self, heatmap: np.ndarray | None) -> str:
        """Lay over the card's part of a heatmap; says where it is strongest, or "" where it is
        nowhere."""
        if heatmap is not self._looked[0] and self.card is not None:
            left, top, right, bottom = self.card.window
            part = None if heatmap is None else heatmap[top:bottom, left:right]
            place = sentences.hottest_place(part) if part is not None and part.any() else ""
            self.show_heat(
                part if place else None, f"Heat where the model looked, {place}" if place else ""
            )
            self._looked = heatmap, place
        return self._looked[1]


def _changed(card: Card, image: np.ndarray) -> np.ndarray | None:
    """Where a fake was changed, bool (SIDE, SIDE), in the part of it that is shown; None where
    nobody knows."""
    if card.sample.mask is None:
        return None
    try:
        mask = open_image(card.sample.mask)
    except (OSError, ValueError):  # deleted or damaged: then the reveal does without
        return None
    if mask.shape != image.shape:
        return None
    left, top, right, bottom = card.window
    part = (
        Image.fromarray(mask[top:bottom, left:right])
        .convert("L")
        .resize((SIDE, SIDE), Image.Resampling.BILINEAR)
    )
    changed = np.asarray(part) > 63  # from a quarter on: soft edges count
    return changed if changed.any() else None
