"""The game is fair: nothing that is shown tells the truth, rounds are balanced, and guesses stay as
they were."""

import dataclasses
import io
import math
import os
import tracemalloc

import numpy as np
import pytest
from PIL import Image

import dfwidgets as df
from dfwidgets.game import SIDE, Score
from tests.helpers import fill, save_picture


class Clock:
    """A clock that is set by hand."""

    now = 100.0

    def __call__(self):
        return self.now


def game_of(folder, *, seed=7, **options):
    game = df.Game(df.load_samples(folder), seed=seed, **options)
    game.start()
    return game


def dealt(game):
    return [game.samples.name(card.sample) for card in game.cards]


def truths(game):
    return [card.sample.label for card in game.cards]


def play(game, guess=None, p_fake=0.9):
    """Answer every card of the round, rightly where no guess is given."""
    while not game.over:
        game.next()
        game.guess(guess or game.cards[game.chosen].sample.label)
        game.answer(p_fake)


@pytest.fixture(autouse=True)
def no_faces(request, monkeypatch):
    """Let no face be looked for where the pictures have none: a search in vain takes 50 ms each
    time."""
    if "portrait" not in request.fixturenames:
        monkeypatch.setattr("dfwidgets.game.card.find_faces", lambda image: ())


@pytest.fixture
def folder(tmp_path):
    return fill(tmp_path, 8, 8)


# Rounds.


def test_before_the_first_round_there_is_nothing_but_what_the_folder_lacks(tmp_path):
    game = df.Game(df.load_samples(fill(tmp_path, 3, 0)), seed=1)
    assert (game.round, game.cards, game.chosen, game.guessed, game.trials, game.over) == (
        0,
        (),
        -1,
        "",
        (),
        False,
    )
    assert game.notices == game.samples.notices != ()
    assert game.score() == Score(0, 0, 0, 0, 0)


def test_a_round_is_half_real_and_half_fake_and_shows_nothing_twice(folder):
    game = game_of(folder, size=10)
    assert game.round == 1
    assert len(set(dealt(game))) == 10
    assert truths(game).count("real") == 5
    assert game.notices == ()
    assert game.chosen == -1 and game.guessed == "" and not game.over


def test_the_same_seed_and_files_give_the_same_rounds_wherever_they_lie(tmp_path):
    rounds = []
    for place, order in (("one", 1), ("two", -1)):
        for name in ("Real", "Fake"):
            for i in range(8)[::order]:
                save_picture(tmp_path / place / name / f"{i}.jpg", i)
        game = game_of(tmp_path / place, seed=5, size=6)
        rounds.append([dealt(game)])
        for _ in range(3):
            game.start()
            rounds[-1].append(dealt(game))
    assert rounds[0] == rounds[1]
    assert dealt(game_of(tmp_path / "one", seed=6, size=6)) != rounds[0][0]


def test_without_a_seed_one_is_drawn_and_kept(folder):
    games = [game_of(folder, seed=None) for _ in range(4)]
    assert len({game.seed for game in games}) == 4
    assert dealt(game_of(folder, seed=games[0].seed)) == dealt(games[0])


def test_a_round_that_was_never_begun_is_dealt_again(folder):
    game = df.Game(df.load_samples(folder), seed=7, size=6)
    first, second = game.deal(), game.deal()
    assert [card.sample for card in first.cards] == [card.sample for card in second.cards]
    assert (game.round, game.cards) == (0, ())
    game.begin(second)
    assert (game.round, game.cards) == (1, second.cards)
    assert [card.sample for card in game.deal().cards] != [card.sample for card in first.cards]


def test_a_small_folder_gives_a_shorter_round_and_a_notice_says_why(tmp_path):
    game = game_of(fill(tmp_path, 3, 8))
    assert len(game.cards) == 6
    assert game.notices == (
        "This round has 6 pictures instead of 10: there are too few real ones. "
        "Put more into the folder Real.",
    )


@pytest.mark.parametrize(("reals", "fakes"), [(0, 0), (5, 0), (0, 5), (1, 0)])
@pytest.mark.parametrize("size", [2, 3, 10])
def test_without_a_real_and_a_fake_picture_there_is_no_round(tmp_path, reals, fakes, size):
    game = game_of(fill(tmp_path, reals, fakes), size=size)
    assert (game.round, game.cards, game.over) == (0, (), False)
    assert any("Put pictures of faces into" in notice for notice in game.notices)
    assert any("No round can be played" in notice for notice in game.notices)
    game.next()
    game.choose(0)
    game.guess("fake")
    game.answer(0.5)
    game.drop("Nothing is open.")
    assert (game.chosen, game.guessed, game.trials, game.over) == (-1, "", (), False)


def test_a_folder_that_is_no_good_gives_no_round(tmp_path):
    game = game_of(tmp_path / "nowhere")
    assert game.cards == ()
    assert "There is no folder" in game.notices[0]


def test_a_round_of_one_is_refused(folder):
    with pytest.raises(ValueError, match="expected a size of at least 2"):
        df.Game(df.load_samples(folder), size=1)


# What is shown.


def pixels(card):
    return np.asarray(Image.open(io.BytesIO(card.shown))).astype(int)


def test_nothing_about_the_files_shows_in_what_is_sent(tmp_path):
    exif = Image.Exif()
    exif[0x010F] = "A camera"
    for i in range(5):
        path = tmp_path / "Real" / f"{i}.jpg"
        save_picture(
            path, i, (1024, 768), quality=95, comment=b"a real one", exif=exif, dpi=(300, 300)
        )
        save_picture(tmp_path / "Fake" / f"{i}.png", i + 50, (256, 256))
    game = game_of(tmp_path)
    assert truths(game).count("fake") == 5
    looks = set()
    for card in game.cards:
        shown = Image.open(io.BytesIO(card.shown))
        tables = tuple((key, tuple(table)) for key, table in shown.quantization.items())
        header = card.shown[: card.shown.index(b"\xff\xda")]
        info = tuple(sorted(shown.info.items()))
        looks.add((len(card.shown), shown.format, shown.size, shown.mode, tables, header, info))
    assert len(looks) == 1
    ((length, kind, size, *_),) = looks
    assert (kind, size) == ("JPEG", (SIDE, SIDE))
    assert 2000 < length < 300_000


def test_the_same_pixels_are_sent_as_the_same_bytes_whatever_their_label(tmp_path):
    save_picture(tmp_path / "Real" / "a.png", 3)
    save_picture(tmp_path / "Fake" / "b.bmp", 3)
    one, other = game_of(tmp_path).cards
    assert one.shown == other.shown


def test_shorter_pictures_are_filled_up_behind_their_end(tmp_path):
    save_picture(tmp_path / "Real" / "flat.png", 1)
    grain = np.random.default_rng(0).integers(0, 256, (SIDE, SIDE, 3), dtype=np.uint8)
    (tmp_path / "Fake").mkdir()
    Image.fromarray(grain).save(tmp_path / "Fake" / "grain.png")
    game = game_of(tmp_path)
    flat, full = sorted(game.cards, key=lambda card: len(card.shown.rstrip(b"\0")))
    assert len(flat.shown) == len(full.shown) > 2 * len(flat.shown.rstrip(b"\0"))
    assert flat.shown.rstrip(b"\0").endswith(b"\xff\xd9")
    assert df.open_image(flat.shown).shape == (SIDE, SIDE, 3)


def test_a_picture_is_shown_as_the_largest_square_around_its_face(tmp_path, portrait):
    face = df.open_image(portrait)
    height, width = face.shape[:2]
    wide = np.full((height, width * 3, 3), 128, np.uint8)
    wide[:, 2 * width :] = face
    tall = np.full((height * 3, width, 3), 128, np.uint8)
    tall[:height] = face
    for path, image in (
        (tmp_path / "Real" / "wide.png", wide),
        (tmp_path / "Fake" / "tall.png", tall),
    ):
        path.parent.mkdir()
        Image.fromarray(image).save(path)
    for card in game_of(tmp_path).cards:
        left, top, right, bottom = card.window
        assert right - left == bottom - top == min(height, width)
        if card.sample.label == "real":
            assert top == 0 and 2 * width - width // 4 <= left <= 2 * width
        else:
            assert left == 0 and 0 <= top <= height // 4
        cut = Image.fromarray(card.open()[top:bottom, left:right]).resize(
            (SIDE, SIDE), Image.Resampling.LANCZOS
        )
        assert np.abs(pixels(card) - np.asarray(cut).astype(int)).mean() < 3


def test_the_face_is_in_the_middle_where_there_is_room_around_it(tmp_path, portrait):
    face = df.open_image(portrait)
    height, width = face.shape[:2]
    wide = np.full((height, width * 3, 3), 128, np.uint8)
    wide[:, width : 2 * width] = face
    for name in ("Real", "Fake"):
        (tmp_path / name).mkdir()
        Image.fromarray(wide).save(tmp_path / name / "wide.png")
    found = df.find_faces(wide)[0]
    for card in game_of(tmp_path).cards:
        left, _, right, _ = card.window
        assert abs((left + right) / 2 - (found.left + found.right) / 2) <= 1


def test_colours_are_sent_as_sharp_as_brightness(tmp_path):
    stripes = np.zeros((SIDE, SIDE, 3), np.uint8)
    stripes[:, ::2] = 255, 0, 0
    stripes[:, 1::2] = 0, 0, 255
    for name in ("Real", "Fake"):
        (tmp_path / name).mkdir()
        Image.fromarray(stripes).save(tmp_path / name / "stripes.png")
    for card in game_of(tmp_path).cards:
        assert np.abs(pixels(card) - stripes).mean() < 10


def test_without_a_face_the_middle_is_shown(tmp_path):
    save_picture(tmp_path / "Real" / "wide.png", 1, (90, 40))
    save_picture(tmp_path / "Fake" / "tall.png", 2, (40, 91))
    windows = {card.sample.label: card.window for card in game_of(tmp_path).cards}
    assert windows == {"real": (25, 0, 65, 40), "fake": (0, 26, 40, 66)}


def test_a_picture_noted_as_turned_is_shown_upright(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    save_picture(tmp_path / "Real" / "a.jpg", 1, (90, 40), exif=exif)
    save_picture(tmp_path / "Fake" / "b.jpg", 2)
    card = next(card for card in game_of(tmp_path).cards if card.sample.label == "real")
    assert card.window == (0, 25, 40, 65)
    assert card.open().shape == (90, 40, 3)


@pytest.mark.parametrize("size", [(1, 1), (2, 300), (4000, 1)])
def test_odd_sizes_are_shown_too(tmp_path, size):
    save_picture(tmp_path / "Real" / "a.png", 1, size)
    save_picture(tmp_path / "Fake" / "b.png", 2)
    assert all(pixels(card).shape == (SIDE, SIDE, 3) for card in game_of(tmp_path).cards)


# Pictures that can't be read.


def break_file(path, how):
    if how == "damaged":
        path.write_bytes(path.read_bytes()[:200])
    elif how == "no picture":
        path.write_text("this is a text", "utf-8")
    elif how == "empty":
        path.write_bytes(b"")
    elif how == "too many pixels":
        Image.new("1", (8000, 5001)).save(path, "PNG")
    elif how == "deleted":
        path.unlink()
    elif how == "now a folder":
        path.unlink()
        path.mkdir()


@pytest.mark.parametrize(
    "how", ["damaged", "no picture", "empty", "too many pixels", "deleted", "now a folder"]
)
def test_a_picture_that_can_not_be_read_is_left_out_and_another_of_its_class_takes_its_place(
    tmp_path, how
):
    samples = df.load_samples(fill(tmp_path, 3, 2))
    break_file(tmp_path / "Real" / "r01.jpg", how)
    notices = 0
    for seed in range(4):
        game = df.Game(samples, seed=seed, size=4)
        for _ in range(3):
            game.start()
            assert sorted(dealt(game)) == [
                "Fake/f00.jpg",
                "Fake/f01.jpg",
                "Real/r00.jpg",
                "Real/r02.jpg",
            ]
            assert all(notice.startswith("Real/r01.jpg was left out. ") for notice in game.notices)
            notices += len(game.notices)
    assert notices == 4  # once a game: what could not be read is not tried again


@pytest.mark.parametrize("error", [RuntimeError("The finder broke."), MemoryError(), KeyError("x")])
def test_whatever_goes_wrong_with_one_picture_the_round_is_dealt_without_it(
    tmp_path, monkeypatch, error
):
    fill(tmp_path, 3, 2)
    save_picture(tmp_path / "Real" / "r01.jpg", 1, (50, 40))

    def find_faces(image):
        if image.shape == (40, 50, 3):
            raise error
        return ()

    monkeypatch.setattr("dfwidgets.game.card.find_faces", find_faces)
    game = game_of(tmp_path, size=6)
    assert sorted(dealt(game)) == ["Fake/f00.jpg", "Fake/f01.jpg", "Real/r00.jpg", "Real/r02.jpg"]
    why = str(error) or "MemoryError."
    assert game.notices[0] == f"Real/r01.jpg was left out. It can't be read: {why.rstrip('.')}."
    game.start()
    assert len(game.cards) == 4 and len(game.notices) == 1  # that it is short


def test_many_that_can_not_be_read_are_counted_and_the_round_goes_on_with_the_rest(tmp_path):
    samples = df.load_samples(fill(tmp_path, 8, 8))
    for i in range(6):
        break_file(tmp_path / "Fake" / f"f{i:02}.jpg", "no picture")
    game = df.Game(samples, seed=1)
    game.start()
    assert truths(game).count("real") == truths(game).count("fake") == 2
    assert len(game.notices) == 5
    assert "looks like a text file" in game.notices[0]
    assert game.notices[3].startswith("3 more pictures were left out")
    assert "too few fake ones" in game.notices[4]


def test_pictures_that_one_class_had_too_many_of_come_first_in_the_next_rounds(tmp_path):
    samples = df.load_samples(fill(tmp_path, 5, 6))
    for i in range(1, 5):
        break_file(tmp_path / "Real" / f"r{i:02}.jpg", "deleted")
    game = df.Game(samples, seed=1, size=8)
    seen = set()
    for _ in range(6):
        game.start()
        assert len(game.cards) == 2
        seen |= set(dealt(game))
    assert len(seen) == 7


def test_where_none_of_a_class_can_be_read_there_is_no_round(tmp_path):
    samples = df.load_samples(fill(tmp_path, 2, 2))
    game = df.Game(samples, seed=1, size=4)
    game.start()
    for i in range(2):
        (tmp_path / "Real" / f"r{i:02}.jpg").unlink()
    game.start()
    assert game.cards == () and game.round == 1 and not game.over
    assert "moved or deleted" in game.notices[0]
    assert "No round can be played" in game.notices[-1]


# Guesses.


def test_a_card_is_opened_guessed_and_answered(folder):
    clock = Clock()
    game = game_of(folder, size=4, clock=clock)
    card = game.cards[2]
    game.choose(2)
    assert (game.chosen, game.guessed, game.trials) == (2, "", ())
    clock.now += 2.5
    game.guess("fake")
    assert game.guessed == "fake" and game.trials == () and game.answered(2) is None
    clock.now += 9  # the model's own time is not the person's
    game.answer(0.75)
    trial = df.Trial(1, game.samples.name(card.sample), card.sample.label, "fake", 0.75, 2.5)
    assert game.trials == (trial,)
    assert game.answered(2) == trial
    assert game.answered(0) is None
    assert (game.chosen, game.guessed, game.over) == (2, "fake", False)


def test_a_guess_can_not_be_changed(folder):
    game = game_of(folder, size=4)
    game.next()
    game.guess("real")
    game.guess("fake")
    assert game.guessed == "real"
    game.answer(0.5)
    game.guess("fake")
    assert game.guessed == game.trials[0].guess == "real"
    game.answer(0.1)
    assert [trial.p_fake for trial in game.trials] == [0.5]


@pytest.mark.parametrize("word", ["", "Fake", "maybe", None, 1])
def test_a_guess_is_one_of_two_words(folder, word):
    game = game_of(folder, size=4)
    game.next()
    with pytest.raises(ValueError, match='expected the guess "real" or "fake"'):
        game.guess(word)
    assert game.guessed == ""


def test_a_guess_without_an_open_card_is_ignored(folder):
    game = game_of(folder, size=4)
    game.guess("fake")
    assert game.guessed == ""


def test_the_model_answers_only_after_the_guess(folder):
    game = game_of(folder, size=4)
    game.answer(0.9)
    game.next()
    game.answer(0.9)
    assert game.trials == ()
    game.guess("real")
    game.answer(0.2)
    assert [trial.p_fake for trial in game.trials] == [0.2]


@pytest.mark.parametrize("p_fake", [-0.1, 1.1, math.inf])
def test_an_answer_that_is_no_probability_is_refused(folder, p_fake):
    game = game_of(folder, size=4)
    game.next()
    game.guess("real")
    with pytest.raises(ValueError, match="expected p_fake from 0 to 1"):
        game.answer(p_fake)
    assert game.trials == ()


def test_the_clock_of_a_card_goes_while_it_is_open(folder):
    clock = Clock()
    game = game_of(folder, size=4, clock=clock)
    game.choose(0)
    clock.now += 5
    game.choose(1)
    clock.now += 1
    game.choose(1)  # open already: the clock goes on
    clock.now += 1
    game.choose(0)  # so it does where it stopped
    clock.now += 3
    game.close()
    clock.now += 100
    game.choose(0)
    clock.now += 0.5
    game.guess("real")
    clock.now += 9
    game.answer(None)
    game.choose(1)
    game.guess("real")
    game.answer(None)
    assert [trial.seconds for trial in game.trials] == [8.5, 2]


def test_a_card_can_be_closed_but_not_while_its_guess_waits_for_the_model(folder):
    game = game_of(folder, size=2)
    game.close()
    assert game.chosen == -1
    game.choose(1)
    game.close()
    assert (game.chosen, game.guessed) == (-1, "")
    game.guess("real")
    assert game.guessed == ""
    game.choose(1)
    game.guess("real")
    game.close()
    assert (game.chosen, game.guessed) == (1, "real")
    game.answer(0.2)
    game.close()
    assert (game.chosen, game.guessed, len(game.trials)) == (-1, "", 1)
    assert game.answered(1) == game.trials[0]


def test_while_a_guess_waits_for_the_model_no_other_card_opens(folder):
    game = game_of(folder, size=4)
    game.choose(0)
    game.guess("real")
    game.choose(1)
    game.next()
    assert (game.chosen, game.guessed) == (0, "real")
    game.answer(0.3)
    game.choose(1)
    assert (game.chosen, game.guessed) == (1, "")


def test_what_can_not_be_opened_is_ignored(folder):
    game = game_of(folder, size=4)
    for index in (-1, 4, 99):
        game.choose(index)
        assert game.chosen == -1
        assert game.answered(index) is None
    game.choose(1)
    game.guess("real")
    game.answer(0.3)
    game.choose(2)
    game.choose(1)  # answered
    assert game.chosen == 2


def test_next_opens_the_cards_that_are_left_in_the_order_they_were_dealt(folder):
    game = game_of(folder, size=4)
    game.choose(2)
    game.guess("real")
    game.answer(0.5)
    order = []
    while not game.over:
        game.next()
        game.next()  # open already
        order.append(game.chosen)
        game.guess("real")
        game.answer(0.5)
    assert order == [0, 1, 3]
    game.next()
    assert game.chosen == 3


def test_a_round_is_over_when_all_are_answered_and_another_begins(folder):
    game = game_of(folder, size=4)
    play(game)
    assert game.over and len(game.trials) == 4
    game.start()
    assert (game.round, game.chosen, game.guessed, game.over) == (2, -1, "", False)
    assert [game.answered(i) for i in range(4)] == [None] * 4
    play(game)
    assert [trial.round for trial in game.trials] == [1] * 4 + [2] * 4


def test_what_is_observed_fits_together(folder):
    game = game_of(folder, size=2)
    seen = []
    game.observe(
        lambda change: seen.append((len(game.trials), game.over, game.score().total)),
        ["trials", "over"],
    )
    play(game)
    assert seen == [(1, False, 1), (2, True, 2), (2, True, 2)]


def test_the_traits_are_for_reading(folder):
    game = game_of(folder, size=2)
    for name in game.trait_names():
        with pytest.raises(Exception, match="read-only"):
            setattr(game, name, getattr(game, name))


def test_dealing_touches_no_trait(folder):
    game = df.Game(df.load_samples(folder), seed=1, size=2)
    seen = []
    game.observe(seen.append)
    game.deal()
    assert seen == []


# A picture deleted while it is in play.


def test_a_picture_deleted_after_the_deal_is_a_sentence_and_can_be_dropped(folder):
    game = game_of(folder, size=4)
    game.choose(1)
    card, others = game.cards[1], (game.cards[0], *game.cards[2:])
    os.remove(card.sample.path)
    with pytest.raises(df.ImageError, match="moved or deleted") as caught:
        card.open()
    game.guess("real")
    game.drop(str(caught.value))
    assert game.cards == others
    assert (game.chosen, game.guessed, game.trials, game.over) == (-1, "", (), False)
    name = game.samples.name(card.sample)
    assert game.notices == (f"{name} was left out. This picture was moved or deleted meanwhile.",)
    play(game)
    assert len(game.trials) == 3


def test_dropping_keeps_what_was_answered_and_may_end_the_round(folder):
    game = game_of(folder, size=2)
    game.choose(1)
    game.guess("real")
    game.answer(0.4)
    game.drop("It is answered, so it stays.")
    assert len(game.cards) == 2
    game.choose(0)
    game.drop("It is gone.")
    assert game.over
    assert game.answered(0) is game.trials[0]


def test_a_round_that_lost_all_its_cards_is_not_one_that_was_played(folder):
    game = game_of(folder, size=2)
    for _ in range(2):
        game.next()
        game.drop("It is gone.")
    assert game.cards == () and not game.over
    game.start()
    assert game.round == 2 and len(game.cards) == 2


# Score and records.


def test_the_score_counts_right_answers_and_those_in_a_row(folder):
    game = game_of(folder, size=6)
    for right, model_right in (
        (True, True),
        (False, True),
        (True, False),
        (True, None),
        (True, True),
    ):
        game.next()
        truth = game.cards[game.chosen].sample.label
        other = {"real": "fake", "fake": "real"}[truth]
        game.guess(truth if right else other)
        p_true = 0.9 if truth == "fake" else 0.1
        game.answer(None if model_right is None else p_true if model_right else 1 - p_true)
    assert game.score() == Score(you=4, model=3, total=5, streak=3, model_streak=1)
    game.start()
    assert game.score() == Score(0, 0, 0, 0, 0)


@pytest.mark.parametrize(
    ("p_fake", "model_guess", "model_right"),
    [
        (0.0, "real", False),
        (0.499, "real", False),
        (0.5, "fake", True),
        (1.0, "fake", True),
        (math.nan, None, None),
    ],
)
def test_the_model_guesses_fake_from_one_half_on(p_fake, model_guess, model_right):
    trial = df.Trial(1, "Fake/a.jpg", "fake", "real", p_fake, 1.0)
    assert (trial.right, trial.model_guess, trial.model_right) == (False, model_guess, model_right)


def test_a_trial_is_a_row_of_a_table(folder):
    game = game_of(folder, size=2)
    game.next()
    game.guess("real")
    game.answer(np.float32(0.25), "A small model")
    row = dataclasses.asdict(game.trials[0])
    assert list(row) == ["round", "picture", "truth", "guess", "p_fake", "seconds", "model"]
    assert [type(value) for value in row.values()] == [int, str, str, str, float, float, str]
    assert row["model"] == "A small model"


# Scale.


def test_a_deal_holds_one_decoded_picture_at_a_time(tmp_path):
    for name in ("Real", "Fake"):
        for i in range(3):
            save_picture(tmp_path / name / f"{i}.jpg", i, (1200, 1200))
    game = df.Game(df.load_samples(tmp_path), seed=1, size=6)
    game.deal()  # what is loaded once is loaded
    decoded = 1200 * 1200 * 3
    tracemalloc.start()
    try:
        game.deal()
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 4 * decoded


def test_a_game_starts_with_ten_thousand_pictures(tmp_path, portrait):
    fill(tmp_path, 1, 1)
    for first in ("Real/r00.jpg", "Fake/f00.jpg"):
        (tmp_path / first).write_bytes(portrait)
    rows = ["file,made_from"]
    for i in range(1, 5000):
        os.link(tmp_path / "Real" / "r00.jpg", tmp_path / "Real" / f"{i}.jpg")
        os.link(tmp_path / "Fake" / "f00.jpg", tmp_path / "Fake" / f"{i}.jpg")
        rows.append(f"Fake/{i}.jpg,Real/{i}.jpg")
    (tmp_path / "samples.csv").write_text("\n".join(rows), "utf-8")
    game = game_of(tmp_path)
    assert len(game.samples) == 10_000
    assert len(game.cards) == 10
