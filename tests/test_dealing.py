"""Rounds are balanced, and neither their order nor a face seen before tells what a picture is.

Nothing is opened here: what is dealt does not hang on what a picture shows.
"""

import itertools
import random
from collections import Counter

import pytest

import dfwidgets as df
from dfwidgets.game import Card, Deck
from dfwidgets.game.families import draw_pass
from tests.helpers import fill


def pairs(folder, count):
    """So many real pictures, a fake of each, and the table that says so."""
    fill(folder, count, count)
    rows = [f"Fake/f{i:02}.jpg,Real/r{i:02}.jpg" for i in range(count)]
    (folder / "samples.csv").write_text("\n".join(["file,made_from", *rows]), "utf-8")
    return folder


def unopened(sample):
    """A card of a picture that nobody opened: what is dealt does not hang on what it shows."""
    return Card(sample, b"", (0, 0, 1, 1))


def rounds_of(samples, *, seed, size=10):
    """Round after round of pictures, dealt as a game deals them but for opening them: lists of
    samples."""
    deck = Deck(samples, seed, size, unopened)
    for number in itertools.count(1):
        deal = deck.deal(number)
        deck.take(deal)
        yield [card.sample for card in deal.cards]


def labels(round_):
    return [sample.label for sample in round_]


def names(round_):
    return [sample.path.name for sample in round_]


def originals(round_):
    """Which photograph each picture of `pairs` shows."""
    return [name[-6:-4] for name in names(round_)]


@pytest.mark.parametrize(
    ("reals", "fakes", "size", "expected"),
    [
        (8, 8, 4, {(2, 2)}),
        (8, 8, 5, {(2, 3), (3, 2)}),
        (3, 8, 10, {(3, 3)}),
        (8, 2, 10, {(2, 2)}),
        (3, 8, 7, {(3, 4)}),
        (8, 1, 3, {(2, 1)}),
        (1, 1, 10, {(1, 1)}),
        (4, 5, 10, {(4, 4)}),
    ],
)
def test_rounds_are_as_balanced_as_the_folder_allows(tmp_path, reals, fakes, size, expected):
    samples = df.load_samples(fill(tmp_path, reals, fakes))
    seen = set()
    for seed in range(6):
        for round_ in itertools.islice(rounds_of(samples, seed=seed, size=size), 2):
            assert len(set(round_)) == len(round_)
            seen.add((labels(round_).count("real"), labels(round_).count("fake")))
    assert seen == expected


def test_pictures_not_seen_before_come_first_until_all_were_seen(tmp_path):
    samples = df.load_samples(fill(tmp_path, 7, 7))
    rounds = list(itertools.islice(rounds_of(samples, seed=7, size=4), 7))
    assert len(set(itertools.chain(*rounds[:3]))) == 12
    assert len(set(itertools.chain(*rounds[:4]))) == 14
    # And so in the second pass: after seven rounds all were seen twice.
    seen = list(itertools.chain(*rounds))
    assert {seen.count(name) for name in seen} == {2}


def test_when_all_were_seen_they_are_shuffled_again(tmp_path):
    samples = df.load_samples(fill(tmp_path, 6, 6))
    again = []
    for seed in range(6):
        rounds = [
            frozenset(round_)
            for round_ in itertools.islice(rounds_of(samples, seed=seed, size=4), 6)
        ]
        again.append(frozenset(rounds[3:]))
        assert again[-1] != frozenset(rounds[:3])
    assert len(set(again)) == 6


@pytest.mark.parametrize("count", [9, 12])
@pytest.mark.parametrize("seed", range(5))
def test_a_fake_and_the_picture_it_was_made_from_meet_in_no_round(tmp_path, seed, count):
    samples = df.load_samples(pairs(tmp_path, count))
    seen = []
    for round_ in itertools.islice(rounds_of(samples, seed=seed, size=6), 9):
        assert len(set(originals(round_))) == 6
        seen += originals(round_)
    # Nor does that keep any face from being seen: the first two rounds show all of them.
    assert len(set(seen[:12])) == count


@pytest.mark.parametrize("count", [27, 36])
def test_a_face_seen_before_tells_nothing_of_its_label(tmp_path, count):
    # Like images/, which has 36 photographs and fakes of 27 of them.
    reals = [df.Sample(tmp_path / "Real" / f"{i}.jpg", "real") for i in range(36)]
    fakes = [
        df.Sample(tmp_path / "Fake" / f"{i}.jpg", "fake", f"Real/{i}.jpg") for i in range(count)
    ]
    samples = df.Samples(tmp_path, fakes + reals)
    again = Counter()
    for seed in range(40):
        seen = {}
        for number, round_ in zip(range(1, 11), rounds_of(samples, seed=seed), strict=False):
            faces = {sample.path.name: sample.label for sample in round_}
            assert len(faces) == 10 and labels(round_).count("real") == 5
            assert number > 3 or not faces.keys() & seen.keys()
            again.update((seen[face], label) for face, label in faces.items() if face in seen)
            seen |= faces
        assert len(seen) == 36
    # Neither of those seen as real nor of those seen as fake; with a fixed label, or the other one,
    # it were 0 or 1.
    for label in ("real", "fake"):
        assert 0.35 < again[label, "fake"] / (again[label, "real"] + again[label, "fake"]) < 0.65


def test_the_example_in_the_words_of_deal_is_what_happens(tmp_path):
    reals = [df.Sample(tmp_path / "Real" / f"{n}.jpg", "real") for n in ("anna", "ben", "cleo")]
    fakes = [df.Sample(tmp_path / "Fake" / f"{n}.jpg", "fake", n) for n in ("anna", "ben")]
    rounds = [
        {f"{sample.label} {sample.path.stem}" for sample in round_}
        for round_ in itertools.islice(
            rounds_of(df.Samples(tmp_path, fakes + reals), seed=7, size=2), 3
        )
    ]
    assert rounds == [
        {"fake anna", "real cleo"},
        {"fake ben", "real cleo"},
        {"real ben", "fake anna"},
    ]


def test_of_many_fakes_of_one_photograph_any_may_come(tmp_path):
    fill(tmp_path, 4, 4)
    rows = [f"Fake/f{i:02}.jpg,r00" for i in range(4)]
    (tmp_path / "samples.csv").write_text("\n".join(["file,made_from", *rows]), "utf-8")
    seen = set()
    samples = df.load_samples(tmp_path)
    for round_ in itertools.islice(rounds_of(samples, seed=1, size=2), 30):
        assert "r00.jpg" not in names(round_)  # the one face of which there are fakes
        seen |= set(round_)
    assert len(seen) == 7


@pytest.mark.parametrize("made_from", ["Real/R00.jpg", "r00.jpg", "r00", "real/r00"])
def test_the_original_may_be_named_with_or_without_folder_and_ending(tmp_path, made_from):
    fill(tmp_path, 3, 1)
    (tmp_path / "samples.csv").write_text(f"file,made_from\nFake/f00.jpg,{made_from}\n", "utf-8")
    samples = df.load_samples(tmp_path)
    for seed in range(10):
        round_ = next(rounds_of(samples, seed=seed, size=2))
        assert sorted(names(round_)) in (["f00.jpg", "r01.jpg"], ["f00.jpg", "r02.jpg"])


def test_fakes_of_the_same_picture_meet_only_where_there_are_no_others(tmp_path):
    fill(tmp_path, 6, 6)
    rows = [f"Fake/f{i:02}.jpg,r0{i // 3}" for i in range(6)]
    (tmp_path / "samples.csv").write_text("\n".join(["file,made_from", *rows]), "utf-8")
    samples = df.load_samples(tmp_path)
    for seed in range(8):
        round_ = next(rounds_of(samples, seed=seed, size=4))
        fakes = [name for name in names(round_) if name.startswith("f")]
        assert len({int(name[1:3]) // 3 for name in fakes}) == 2


def test_the_order_of_a_round_tells_nothing(tmp_path):
    samples = df.load_samples(fill(tmp_path, 2, 2))
    firsts = [labels(next(rounds_of(samples, seed=seed, size=2)))[0] for seed in range(100)]
    assert 35 <= firsts.count("real") <= 65


def test_where_there_are_no_others_they_may_meet(tmp_path):
    samples = df.load_samples(pairs(tmp_path, 2))
    assert len(next(rounds_of(samples, seed=7, size=4))) == 4


def test_a_face_that_waits_as_the_other_kind_comes_before_one_twice(tmp_path):
    # Three faces for a round of three: where two wait as fakes, one of them comes as real.
    samples = df.load_samples(pairs(tmp_path, 3))
    for seed in range(20):
        for round_ in itertools.islice(rounds_of(samples, seed=seed, size=3), 6):
            assert len(set(originals(round_))) == 3


def test_real_and_fake_do_not_just_take_turns(tmp_path):
    samples = df.load_samples(fill(tmp_path, 4, 4))
    turns = 0
    for seed in range(120):
        kinds = labels(next(rounds_of(samples, seed=seed, size=4)))
        turns += kinds in (["real", "fake"] * 2, ["fake", "real"] * 2)
    assert 20 <= turns <= 60  # 2 of the 6 orders


def family(sample):
    return sample.made_from or f"Real/{sample.path.name}"


@pytest.mark.parametrize("seed", range(10))
def test_who_waits_keeps_its_place_and_comes_as_was_drawn(tmp_path, seed):
    reals = [df.Sample(tmp_path / "Real" / f"{i}.jpg", "real") for i in range(9)]
    fakes = [df.Sample(tmp_path / "Fake" / f"{i}.jpg", "fake", f"Real/{i}.jpg") for i in range(7)]
    deck = Deck(df.Samples(tmp_path, fakes + reals), seed, 4, unopened)
    waiting = {}
    for number in range(1, 15):
        deal = deck.deal(number)
        deck.take(deal)
        dealt = {f"Real/{card.sample.path.name}" for card in deal.cards}
        left = [(name, sample) for name, sample in waiting.items() if name not in dealt]
        assert list(deal.waiting.items())[: len(left)] == left
        waiting = dict(deal.waiting)


def test_in_a_pass_who_was_never_seen_comes_first_and_who_is_on_the_table_last(tmp_path):
    members = {
        name: [df.Sample(tmp_path / "Real" / name, "real")]
        for name in ("table", "seen", "never", "also seen", "also never")
    }
    seen = {"table": "real", "seen": "real", "also seen": "real"}
    for seed in range(10):
        first, second, *middle, last = draw_pass(members, {}, seen, {"table"}, random.Random(seed))
        assert {first, second} == {"never", "also never"}
        assert set(middle) == {"seen", "also seen"} and last == "table"


def test_the_place_in_a_pass_tells_nothing_of_the_label(tmp_path):
    members = {}
    for i in range(8):
        members[str(i)] = [
            df.Sample(tmp_path / "Real" / f"{i}.jpg", "real"),
            df.Sample(tmp_path / "Fake" / f"{i}.jpg", "fake"),
        ]
    firsts = []
    for seed in range(100):
        drawn = draw_pass(members, {}, {}, (), random.Random(seed))
        firsts.append(next(iter(drawn.values())).label)
    assert 35 <= firsts.count("fake") <= 65


def test_where_many_photographs_have_no_fake_all_others_come_as_fakes(tmp_path):
    members, seen = {}, {}
    for i in range(8):
        real = df.Sample(tmp_path / "Real" / f"{i}.jpg", "real")
        members[str(i)] = [real]
        if i >= 4:
            members[str(i)].append(df.Sample(tmp_path / "Fake" / f"{i}.jpg", "fake"))
            seen[str(i)] = "real"
    for seed in range(10):
        drawn = draw_pass(members, {}, seen, (), random.Random(seed))
        assert labels(drawn.values()).count("fake") == 4


@pytest.mark.parametrize("fakes", [8, 12])
def test_of_an_odd_number_chance_decides_which_class_has_one_more(tmp_path, fakes):
    samples = df.load_samples(fill(tmp_path, 8, fakes))
    reals = Counter(
        labels(next(rounds_of(samples, seed=seed, size=5))).count("real") for seed in range(40)
    )
    assert set(reals) == {2, 3} and min(reals.values()) >= 8
