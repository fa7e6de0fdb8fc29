"""Families: a photograph and the fakes made from it; and as what each comes in a pass."""

from __future__ import annotations

import posixpath
import random
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from dfwidgets.folders import Label, Sample, Samples


def families_of(samples: Samples) -> dict[Sample, str]:
    """Say to which family each picture belongs: a fake to that of the real one it was made from.

    A family is called like its photograph, "Real/anna.jpg"; where that is missing like what the
    fake says, and where it says nothing, like the fake itself.
    """
    families: dict[Sample, str] = {}
    names: dict[str, str] = {}
    for real in samples.reals:
        name = samples.name(real)
        families[real] = name
        # samples.csv may name it with or without its folder and its ending, in any case.
        for written in (name, posixpath.basename(name)):
            names.setdefault(written.casefold(), name)
            names.setdefault(posixpath.splitext(written)[0].casefold(), name)

    for fake in samples.fakes:
        original = names.get(fake.made_from.casefold(), fake.made_from)
        families[fake] = original or samples.name(fake)
    return families


def draw_pass(
    members: Mapping[str, Sequence[Sample]],
    waiting: Mapping[str, Sample],
    seen: Mapping[str, Label],
    in_round: Iterable[str],
    rng: random.Random,
) -> dict[str, Sample]:
    """Draw the next pass over some families: in which order they come, each as which picture.

    Args:
        members: the readable pictures of every family that is drawn.
        waiting: the families that still wait from the pass before, which are not drawn anew.
        seen: as what each family was seen last.
        in_round: the families that are in this round already.
        rng: what is drawn with.
    """
    families = list(members)
    rng.shuffle(families)
    labels = _draw_labels(families, members, waiting, seen, rng)

    # What was not seen yet comes first, and what is in this round last.
    rng.shuffle(families)
    families.sort(key=lambda family: (family in seen) + (family in in_round))

    drawn = {}
    for family in families:
        fitting = [sample for sample in members[family] if sample.label == labels[family]]
        drawn[family] = rng.choice(fitting)
    return drawn


def _draw_labels(
    families: Sequence[str],
    members: Mapping[str, Sequence[Sample]],
    waiting: Mapping[str, Sample],
    seen: Mapping[str, Label],
    rng: random.Random,
) -> dict[str, Label]:
    """As what each family comes, so that a face that was seen before gives no hint.

    Two things are balanced, as far as the folder allows: half of all that come are real, and half
    of those last seen as real come as fake.
    """
    labels = {family: members[family][0].label for family in families}
    either = [
        family for family in families if len({sample.label for sample in members[family]}) == 2
    ]

    # Those that can come as one only, and those that wait, are settled; the others even it out. The
    # coin rounds a half up or down.
    settled = Counter(sample.label for sample in waiting.values())
    settled.update(labels[family] for family in set(families).difference(either))
    fakes = (len(either) + settled["real"] - settled["fake"] + rng.randrange(2)) // 2
    fakes = min(max(fakes, 0), len(either))

    # Some photographs have no fake, so that they come as real always. If the others just took
    # turns, a face seen as real would come as fake less often than one seen as fake. So half of all
    # seen as real become fake, or as many as can; the rest of the fakes are other families.
    seen_as_real = [family for family in either if seen.get(family) == "real"]
    others = [family for family in either if seen.get(family) != "real"]
    real_before = sum(seen.get(family) == "real" for family in families)
    turned = (real_before + rng.randrange(2)) // 2
    turned = min(turned, fakes, len(seen_as_real))
    turned = max(turned, fakes - len(others))

    become_fake = {*seen_as_real[:turned], *others[: fakes - turned]}
    for family in either:
        labels[family] = "fake" if family in become_fake else "real"
    return labels
