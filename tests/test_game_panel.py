import asyncio
import io
import threading
from pathlib import Path

import ipywidgets as ipw
import numpy as np
import pytest
from PIL import Image

import dfwidgets as df
from dfwidgets.panels.game import words as game_words
from dfwidgets.wording import CAVEAT
from tests.helpers import ROOT, make_samples


@pytest.fixture
def folder(tmp_path, portrait) -> Path:
    return make_samples(tmp_path / "samples", portrait)


@pytest.fixture
def panel(folder, redness) -> df.GamePanel:
    return new_panel(folder, redness)


def new_panel(folder: Path, detector, size: int = 4) -> df.GamePanel:
    return df.GamePanel(df.Game(df.load_samples(folder), seed=1, size=size), df.Session(detector))


def start(panel: df.GamePanel, one_by_one: bool = False) -> None:
    panel.way.value = one_by_one
    panel.start.click()


def pick(panel: df.GamePanel, index: int) -> None:
    """What the page sends when a picture is pressed."""
    panel.board._handle_custom_msg({"kind": "pick", "index": index}, [])


def guess(panel: df.GamePanel, right: bool = True) -> None:
    """Press the right button for the open card, or the wrong one."""
    fake = panel.game.cards[panel.game.chosen].sample.label == "fake"
    (panel.fake if fake == right else panel.real).click()


def play(panel: df.GamePanel) -> None:
    """Play what is left of a round of one after the other, with right guesses."""
    while panel.screen != "end":
        guess(panel)
        panel.reveal.every.click()
        panel.reveal.next.click()


def seen(widget: ipw.Widget) -> list[ipw.Widget]:
    """A widget and all inside it that is in sight."""
    if widget.layout.display == "none":
        return []
    return [widget, *(part for child in getattr(widget, "children", ()) for part in seen(child))]


def words(panel: df.GamePanel) -> str:
    return " ".join(part.value for part in seen(panel) if isinstance(part, ipw.HTML))


def buttons(panel: df.GamePanel) -> list[str]:
    return [part.description for part in seen(panel) if isinstance(part, ipw.Button)]


def state(panel: df.GamePanel) -> str:
    """All that the browser knows."""

    def parts(widget):
        for child in getattr(widget, "children", ()):
            yield from parts(child)
        yield repr(widget.get_state())

    return " ".join(parts(panel))


async def until(condition) -> None:
    async with asyncio.timeout(20):
        while not condition():
            await asyncio.sleep(0.01)


def test_before_the_start_it_says_what_it_is_and_deals_nothing(panel):
    assert "Some of the faces are photographs" in words(panel)
    assert buttons(panel) == ["Start"]
    assert panel.game.round == 0


def test_how_often_the_model_is_wrong_is_one_click_away_on_every_screen(panel):
    screens = []

    def one_click_away():
        screens.append(panel.screen)
        return "<summary>How often is the model wrong?</summary>" in words(panel)

    assert one_click_away()
    start(panel, one_by_one=True)
    assert one_click_away()
    guess(panel)
    assert one_click_away()
    panel.reveal.every.click()
    panel.reveal.next.click()
    play(panel)
    assert one_click_away()
    assert screens == ["start", "guess", "reveal", "end"]
    assert "was never measured" in words(panel)
    panel.session.use_detector(df.load_detector(ROOT / "models" / "detector"))
    assert "Likely fake begins at a score of 0.90. A score this high" in words(panel)


def test_a_round_can_be_picked_from_a_grid(panel):
    start(panel)
    assert panel.screen == "table"
    assert [item["alt"] for item in panel.board.items] == [
        f"Picture {i} of 4" for i in (1, 2, 3, 4)
    ]
    assert panel.board.pictures == [card.shown for card in panel.game.cards]
    pick(panel, 2)
    assert panel.board.items == []
    assert panel.picture.image == panel.game.cards[2].shown
    assert panel.picture.alt == "Picture 3 of 4"
    assert buttons(panel) == ["Real", "Fake", "Back to the pictures"]
    panel.back.click()
    pick(panel, 2)
    assert panel.screen == "guess"


def test_a_round_can_be_played_one_after_the_other(panel):
    start(panel, one_by_one=True)
    assert (panel.screen, panel.game.chosen) == ("guess", 0)
    assert buttons(panel) == ["Real", "Fake"]
    guess(panel)
    panel.reveal.every.click()
    panel.reveal.next.click()
    assert (panel.screen, panel.game.chosen) == ("guess", 1)


def test_the_reveal_comes_line_by_line(panel, folder):
    start(panel)
    fake = next(card.sample for card in panel.game.cards if card.sample.label == "fake")
    pick(panel, [card.sample for card in panel.game.cards].index(fake))
    panel.real.click()
    said = []
    for _ in range(4):
        said.append(panel.board.announcement)
        panel.reveal.step.click()
    number = f"{panel.game.trials[0].p_fake:.2f}"
    assert said[0] == "You said real."
    assert number in said[1]
    assert said[2] == "It is fake. You were wrong, the model was " + (
        "right." if panel.game.trials[0].model_right else "wrong."
    )
    assert said[3] == (
        f"How it was made: {fake.how} How hard it is to see: medium. "
        "The outline shows where it was changed."
    )
    assert "You 0, model" in words(panel)
    assert "&lt;b&gt;shuttle&lt;/b&gt;" in words(panel), "what came from a file is escaped"
    assert buttons(panel) == ["Back to the pictures", "Where did the model look?"]


def test_the_outline_comes_with_the_last_line_and_only_for_a_fake(panel):
    start(panel, one_by_one=True)
    for card in panel.game.cards:
        guess(panel)
        assert panel.picture.mask == b""
        panel.reveal.every.click()
        assert bool(panel.picture.mask) == (card.sample.label == "fake")
        if panel.picture.mask:
            alpha = np.asarray(Image.open(io.BytesIO(panel.picture.mask)))[..., 3]
            assert alpha.shape == (480, 480)
            assert 0 < (alpha > 0).mean() < 0.5
            assert panel.picture.mask_alt.startswith("Changed here, ")
            assert "The outline shows where it was changed." in words(panel)
        panel.reveal.next.click()


@pytest.mark.parametrize("what", ["deleted", "another size", "no picture"])
def test_without_a_fitting_mask_the_reveal_does_without(panel, folder, what):
    for mask in (folder / "masks").glob("*"):
        if what == "deleted":
            mask.unlink()
        elif what == "another size":
            Image.new("L", (30, 30), 255).save(mask)
        else:
            mask.write_text("Dear diary")
    start(panel)
    pick(panel, [card.sample.label for card in panel.game.cards].index("fake"))
    guess(panel)
    panel.reveal.every.click()
    assert panel.reveal.done
    assert panel.picture.mask == b""
    assert "How it was made" in words(panel)
    assert "outline" not in words(panel)


@pytest.mark.parametrize(("grey", "outlined"), [(63, False), (64, True)])
def test_the_soft_edge_of_a_mask_counts_as_changed_from_a_quarter_on(panel, folder, grey, outlined):
    for mask in (folder / "masks").glob("*"):
        Image.new("L", (300, 300), grey).save(mask)
    start(panel)
    pick(panel, [card.sample.label for card in panel.game.cards].index("fake"))
    guess(panel)
    panel.reveal.every.click()
    assert bool(panel.picture.mask) == outlined


def test_all_can_be_shown_at_once(panel):
    start(panel, one_by_one=True)
    guess(panel)
    panel.reveal.every.click()
    assert panel.reveal.done
    for line in ("You said", "that it is fake", "It is"):
        assert line in panel.board.announcement + words(panel)


def test_the_focus_goes_along_to_each_new_screen(panel):
    moves = []
    panel.keyboard.observe(lambda change: moves.append(tuple(change.new)), "focus_on")
    start(panel, one_by_one=True)
    guess(panel)
    panel.reveal.every.click()
    panel.reveal.next.click()
    guess(panel)
    here, onward = ".dfw-here", ".dfw-step, .dfw-next"
    # Getting ready, the first picture, its reveal, all of it; the next picture, its reveal.
    assert [selector for _, selector in moves] == [here, here, onward, onward, here, onward]
    assert [number for number, _ in moves] == [
        panel.keyboard.focus_on[0] - 5 + i for i in range(6)
    ], "each move has a number of its own, or the page would hear of none of them"


def test_a_guess_is_locked(panel):
    start(panel, one_by_one=True)
    panel.real.click()
    panel.fake.click()
    assert panel.game.guessed == "real"
    assert [trial.guess for trial in panel.game.trials] == ["real"]


def test_a_hurried_second_click_guesses_nothing(panel):
    start(panel, one_by_one=True)
    panel.reveal.next.click()
    panel.reveal.every.click()
    panel.reveal.step.click()
    assert (panel.screen, panel.game.chosen) == ("guess", 0)
    guess(panel)
    panel.reveal.next.click()
    assert panel.screen == "reveal", "nothing was revealed yet"
    panel.reveal.every.click()
    panel.reveal.next.click()
    panel.reveal.next.click()
    assert (panel.screen, panel.game.chosen, len(panel.game.trials)) == ("guess", 1, 1)


@pytest.mark.parametrize(
    "message", [{"index": 99}, {"index": -1}, {"index": "0"}, {}, {"index": None}]
)
def test_a_forged_message_of_the_grid_is_ignored(panel, message):
    start(panel)
    panel.board._handle_custom_msg({"kind": "pick", **message}, [])
    assert panel.screen == "table"


def test_the_model_is_asked_only_after_the_guess(folder, redness):
    asked = []
    predict = redness.predict
    redness.predict = lambda image, face="largest": asked.append(image) or predict(image, face)
    panel = new_panel(folder, redness)
    start(panel)
    pick(panel, 0)
    assert asked == []
    guess(panel)
    assert len(asked) == 1


@pytest.mark.parametrize(("p", "line"), [
    (0.831, "The model said fake: its score is a probability of 0.83 that it is fake."),
    (0.1, "The model said real: its score is a probability of 0.10 that it is fake."),
    (0.55, "The model would rather not tell: its score is a probability of 0.55 that it is fake. "
           "The game counts that as fake."),
    (1.0, "The model said fake: its score is a probability of more than 0.99 that it is fake."),
])  # fmt: skip
def test_what_the_model_said(folder, redness, p, line):
    redness.predict = lambda image, face="largest": df.Prediction(p_fake=p)
    panel = new_panel(folder, redness)
    start(panel, one_by_one=True)
    guess(panel)
    panel.reveal.step.click()
    assert panel.board.announcement == line


def test_without_a_face_the_whole_picture_is_judged(tmp_path, redness):
    for name, grey in (("Real", 90), ("Fake", 200)):
        (tmp_path / name).mkdir()
        Image.new("RGB", (200, 200), (grey, grey, grey)).save(tmp_path / name / "plain.png")
    panel = new_panel(tmp_path, redness, size=2)
    start(panel, one_by_one=True)
    play(panel)
    assert sorted(round(trial.p_fake, 1) for trial in panel.game.trials) == [0.4, 0.8]


def test_after_a_detector_that_fails_the_next_picture_works(folder, redness):
    predict, fails = redness.predict, [True]

    def predict_later(image, face="largest"):
        if fails:
            fails.pop()
            raise ValueError("<i>no idea</i>")
        return predict(image, face)

    redness.predict = predict_later
    panel = new_panel(folder, redness)
    start(panel, one_by_one=True)
    guess(panel)
    panel.reveal.every.click()
    assert "The model gave no answer." in words(panel)
    assert "&lt;i&gt;no idea" in words(panel)
    assert buttons(panel) == ["Next picture"], "there is no map to ask for"
    panel.reveal.next.click()
    play(panel)
    assert [trial.model_guess is None for trial in panel.game.trials] == [True, False, False, False]
    assert "Model: no answer" in str(panel.board.items)


@pytest.mark.parametrize("one_by_one", [False, True])
def test_a_picture_that_was_deleted_meanwhile_is_dropped_and_the_game_goes_on(panel, one_by_one):
    start(panel, one_by_one)
    if not one_by_one:
        pick(panel, 0)
    panel.game.cards[0].sample.path.unlink()
    guess(panel)
    assert len(panel.game.cards) == 3
    assert "deleted meanwhile" in words(panel)
    assert "deleted meanwhile" in panel.board.announcement
    assert panel.screen == ("guess" if one_by_one else "table")
    if not one_by_one:
        panel._one_by_one = True
        pick(panel, 0)
    play(panel)
    assert len(panel.game.trials) == 3


def test_the_map_comes_on_request_and_shows_the_card_s_part(panel):
    start(panel, one_by_one=True)
    guess(panel)
    panel.reveal.every.click()
    assert panel.picture.heat == b""
    panel.reveal.look.click()
    assert panel.picture.heat.startswith(b"\x89PNG")
    assert CAVEAT in words(panel)
    assert "bright places pulled the model toward" in panel.board.announcement
    assert "Where did the model look?" not in buttons(panel)
    panel.reveal.next.click()
    assert panel.picture.heat == b""
    assert "Bright places" not in words(panel)


def test_another_model_chosen_meanwhile_draws_no_map_under_the_verdict_of_this_one(panel, redness):
    start(panel, one_by_one=True)
    guess(panel)
    panel.reveal.every.click()
    assert "Where did the model look?" in buttons(panel)
    panel.session.use_detector(type(redness)())
    assert "Where did the model look?" not in buttons(panel)
    panel.reveal.look.click()
    assert panel.picture.heat == b""


def test_a_round_is_neither_begun_again_nor_left_by_a_click_that_came_too_late(panel):
    start(panel)
    pick(panel, 0)
    panel.start.click()
    assert panel.game.round == 1
    assert panel.screen == "guess"
    guess(panel)
    panel.back.click()
    assert panel.screen == "reveal"
    assert panel.game.trials[0].model == "Redness"


def test_a_map_that_fails_can_be_asked_for_again(folder, redness):
    explain = redness.explain

    def fails(*args, **kwargs):
        raise ValueError("no idea where")

    redness.explain = fails
    panel = new_panel(folder, redness)
    start(panel, one_by_one=True)
    guess(panel)
    panel.reveal.every.click()
    panel.reveal.look.click()
    assert "no idea where" in words(panel)
    redness.explain = explain
    panel.reveal.look.click()
    assert panel.picture.heat
    assert "no idea where" not in words(panel)


def test_what_is_answered_says_so_in_the_grid_and_can_not_be_guessed_again(panel):
    start(panel)
    pick(panel, 1)
    guess(panel, right=False)
    panel.reveal.every.click()
    panel.reveal.next.click()
    item = panel.board.items[1]
    assert not item["open"]
    assert item["lines"][1][0] == "wrong"
    assert "(wrong)" in item["lines"][1][1]
    assert [item["lines"] for i, item in enumerate(panel.board.items) if i != 1] == [[], [], []]
    pick(panel, 1)
    assert panel.screen == "table"


def test_at_the_end_every_picture_is_seen_with_who_was_right(panel):
    start(panel, one_by_one=True)
    play(panel)
    assert "You got 4 of 4 right, the model" in words(panel)
    assert "too few to tell skill from luck" in words(panel)
    assert "all 4 right in 6 of 100 rounds" in words(panel)
    for item, trial in zip(panel.board.items, panel.game.trials, strict=True):
        assert item["alt"].endswith(f"of 4, {trial.truth}")
        assert item["lines"][0] == ("", f"It is {trial.truth}.")
        assert item["lines"][1] == ("right", f"You: {trial.truth} (right)")
    assert buttons(panel) == ["Play again"]


def test_playing_again_forgets_the_round_before(panel):
    start(panel, one_by_one=True)
    play(panel)
    before = panel.board.pictures
    start(panel)
    assert panel.game.round == 2
    assert panel.screen == "table"
    assert panel.board.pictures != before
    assert all(item["open"] and not item["lines"] for item in panel.board.items)
    assert "You got" not in words(panel)


@pytest.mark.parametrize(("right", "of", "said"), [
    (7, 10, "7 or more of 10 right in 17 of 100"),
    (0, 10, "0 or more of 10 right in 100 of 100"),
    (1, 10, "1 or more of 10 right in more than 99 of 100"),
    (10, 10, "all 10 right in fewer than 1 of 100"),
    (1, 1, "all 1 right in 50 of 100"),
])  # fmt: skip
def test_what_luck_alone_would_do(right, of, said):
    assert said in game_words.luck(right, of)


def test_luck_is_blamed_only_where_it_could_have_been_luck():
    assert "too few to tell" in game_words.luck(7, 10)
    assert "too few to tell" not in game_words.luck(10, 10)
    assert "too few to tell" not in game_words.luck(36, 40)


def test_nothing_tells_the_truth_before_the_guess(panel):
    start(panel)
    for index, card in enumerate(panel.game.cards):
        pick(panel, index)
        for secret in (
            "medlar",
            "quince",
            "mirrored",
            "masks",
            "'real'",
            "'fake'",
            "medium",
            "It is",
        ):
            assert secret not in state(panel)
        assert (panel.picture.mask, panel.picture.heat) == (b"", b"")
        guess(panel)
        panel.reveal.every.click()
        assert f"It is {card.sample.label}." in state(panel)
        panel.reveal.next.click()


def test_no_card_s_words_are_left_over_when_the_next_one_is_seen(panel):
    start(panel, one_by_one=True)
    guess(panel)
    panel.reveal.every.click()
    panel.reveal.next.click()
    for left in ("You said", "It is ", "How it was made"):
        assert left not in state(panel)


def test_a_folder_without_pictures_gets_its_notice(tmp_path, redness):
    (tmp_path / "Real").mkdir()
    panel = new_panel(tmp_path, redness)
    if "Start" in buttons(panel):
        start(panel)
    assert panel.game.notices
    assert panel.game.notices[0].split()[0] in words(panel)
    assert not panel.game.cards


def test_a_notice_is_shown_as_text(panel):
    panel.game.set_trait("notices", ("<img src=x onerror=alert(1)>",))
    assert "<img" not in panel.message.value
    assert "&lt;img" in panel.message.value


def test_a_game_that_was_begun_in_a_cell_is_taken_up(folder, redness):
    game = df.Game(df.load_samples(folder), seed=1, size=4)
    game.start()
    panel = df.GamePanel(game, df.Session(redness))
    assert panel.screen == "table"
    game.choose(0)
    game.guess("real")
    assert len(game.trials) == 1


def test_the_page_answers_while_the_pictures_are_got_ready(panel):
    may = threading.Event()
    deal = panel.game.deal
    panel.game.deal = lambda: may.wait(20) and deal()

    async def visit():
        start(panel)
        assert panel.screen == "dealing"
        assert game_words.PREPARING in words(panel)
        assert buttons(panel) == []
        may.set()
        await until(lambda: panel.screen != "dealing")

    asyncio.run(visit())
    assert panel.screen == "table"


def test_clicks_that_come_on_another_thread_wait_for_their_turn(folder, redness):
    async def visit():
        panel = new_panel(folder, redness)
        clicks = threading.Thread(target=start, args=(panel, True))
        clicks.start()
        clicks.join()
        assert panel.screen == "start"
        await until(lambda: panel.screen == "guess")
        clicks = threading.Thread(target=guess, args=(panel,))
        clicks.start()
        clicks.join()
        assert panel.screen == "guess"
        await until(lambda: panel.game.trials)
        assert panel.screen == "reveal"

    asyncio.run(visit())


def test_a_picture_that_is_opened_for_the_round_before_is_not_shown_to_the_model(panel):
    async def visit():
        panel.game.start()
        pick(panel, 0)
        guess(panel)  # its picture is opened on the worker
        panel.game.begin(panel.game.deal())  # from another cell: a new round
        panel.session.load()  # behind it
        await until(lambda: not panel.session.busy)
        assert panel.session.image is None
        assert panel.reveal.opponent.image is None

    asyncio.run(visit())


def test_a_deal_that_fails_is_said(panel):
    def fails():
        raise OSError("the disk is gone")

    panel.game.deal = fails
    start(panel)
    assert "the disk is gone" in words(panel)
    assert buttons(panel) == ["Start"]


def test_a_late_answer_never_counts_for_another_card(folder, redness):
    may = threading.Event()
    predict = redness.predict
    first = [True]

    def slow(image, face="largest"):
        if first:
            first.pop()
            may.wait(20)
            return df.Prediction(p_fake=0.001)
        return predict(image, face)

    redness.predict = slow
    panel = new_panel(folder, redness)

    async def visit():
        panel.game.start()
        pick(panel, 0)
        guess(panel)
        panel.reveal.every.click()
        await until(lambda: panel.session.pending == "judge")
        assert "The model is looking..." in words(panel)
        assert not panel.reveal.done
        panel.game.begin(panel.game.deal())  # from another cell: a new round
        pick(panel, 1)
        guess(panel)
        may.set()
        await until(lambda: panel.game.trials)

    asyncio.run(visit())
    assert [trial.round for trial in panel.game.trials] == [2]
    assert panel.game.trials[0].p_fake > 0.1
