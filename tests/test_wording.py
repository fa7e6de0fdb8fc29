"""Read as a whole, the table claims no certainty; and nothing else than what it holds is said of a
picture."""

import re
from html import unescape
from string import Formatter

import numpy as np
import pytest

import dfwidgets as df
from dfwidgets import wording
from dfwidgets.explain import sentences
from dfwidgets.explain.faithfulness import Deletion
from dfwidgets.pictures.degrade import blur
from dfwidgets.pictures.faces import Face
from dfwidgets.pictures.guards import reason_not_to_tell
from dfwidgets.report import verdict as verdict_markup
from dfwidgets.robustness.adversarial import attack_sentence
from dfwidgets.robustness.stability import Copy, Strip, send_again
from dfwidgets.robustness.variants import AS_IT_IS, VARIANTS
from tests.helpers import ROOT

PICTURES = sorted((ROOT / "images").glob("[RF]*/*.jpg"))


def texts(entry: str | tuple[str, ...] | dict[str, str]) -> list[str]:
    """The sentences of one entry of the table."""
    if isinstance(entry, str):
        return [entry]
    return list(entry.values() if isinstance(entry, dict) else entry)


TABLE = {
    f"{name}{i or ''}": text
    for name, entry in vars(wording).items()
    if name.isupper()
    for i, text in enumerate(texts(entry))
}

P = r"(?:(?:less|more) than )?0\.\d\d"
COUNT = r"\d+"
OF_100 = r"(?:hardly any|nearly all|about \d\d?)"
VERDICT = "(?:likely real|can't tell|likely fake)"
CHANGE = f"(?:{'|'.join(re.escape(variant.how) for variant in (AS_IT_IS, *VARIANTS))})"
OTHERS = r"changed in \d+ other ways?"
FIELDS = {
    **dict.fromkeys(("p", "before", "after"), P),
    **dict.fromkeys(("beats", "maps", "levels", "count"), COUNT),
    **dict.fromkeys(("wrong", "right"), OF_100),
    **dict.fromkeys(("wrongly", "rightly"), "(?:real|fake)"),
    **dict.fromkeys(("was", "now", "verdict"), VERDICT),
    **dict.fromkeys(("low_change", "high_change"), CHANGE),
    **dict.fromkeys(("low", "high"), P + r"|1\.00|0\.00"),  # edges may lie at the ends
    "edge": r"0\.\d\d|1\.00",
    "word": "(?:Likely real|Can't tell|Likely fake)",
    "guess": "(?:real|fake)",
    "side": "(?:high or higher|low or lower)",
    "span": r"(?: \(\d+ to \d+, by kind of picture\))?",
    "on": r"[^.!]+",
    "width": r"(?:1 pixel|\d+ pixels)",
    "copies": r"(?:all \d+|\d+ of \d+)",
    "rest": "In the other(?: one|s)",
    "changes": rf"(?:{CHANGE} \({P}\)|{OTHERS})(?:(?:, | or )(?:{CHANGE} \({P}\)|{OTHERS}))*",
    "toward": "(?:real|fake)",
    "place": "(?:in the middle|at the (?:upper|middle|lower) (?:left|middle|right))",
    "areas": r"\d+ to \d+ %",
    "away": "(?: away from (?:real|fake))?",
    "correlation": r"-?[01]\.\d\d",
}


def pattern(template):
    """A template as a regular expression, its fields what they may be filled in with."""
    parts = Formatter().parse(template)
    return "".join(
        re.escape(text) + (f"(?:{FIELDS[name]})" if name else "") for text, name, *_ in parts
    )


ONE = "|".join(f"(?:{pattern(template)})" for template in TABLE.values())
ONLY = re.compile(f"(?:{ONE})(?: (?:{ONE}))*")


def says(text, name):
    """Whether a text holds this sentence of the table."""
    return bool(re.search(pattern(TABLE[name]), text))


def shown(prediction):
    """What stands on the page: the texts of its paragraphs, of its list, and of the scale."""
    markup = verdict_markup.verdict(prediction)
    word, *texts = re.findall(r"<(?:p|li)(?: [^>]*)?>(.*?)</(?:p|li)>", markup)
    scale = re.search('aria-label="(.*?)"', markup)[1]
    return [unescape(text) for text in (f"{word}.", scale, *texts)]


@pytest.mark.parametrize("name", TABLE)
def test_a_sentence_claims_no_certainty_and_does_not_shout(name):
    text = TABLE[name].lower()
    assert not re.search(r"\bcertain|definite|undoubt|guarantee|!|100 ?%|ai verdict", text)
    assert not re.search(r"(?<!no )\bproof\b|\bproved?\b|\bproven\b", text)


@pytest.mark.parametrize("name", TABLE)
def test_a_sentence_begins_and_ends_as_one_and_is_not_too_long_to_be_read_aloud(name):
    text = TABLE[name]
    assert (
        re.match(r"[A-Z]|\{(word|rest|count)\}", text) and text.endswith(".") and "  " not in text
    )
    assert max(len(one.split()) for one in re.split(r"[.:;] ", text)) <= 33


def test_no_sentence_stands_twice():
    assert len(set(TABLE.values())) == len(TABLE)


def test_what_is_not_in_the_table_is_noticed():
    assert not ONLY.fullmatch("The model's score is a probability of 1.00 that it is fake.")
    assert not ONLY.fullmatch("Likely fake. This picture is a fake.")
    assert ONLY.fullmatch(
        "Likely fake. The model's score is a probability of more than 0.99 that it is fake."
    )


def test_every_verdict_on_the_page_has_word_number_and_blind_spots():
    for p in (0.0, 0.3, 0.5, 0.7, 1.0):
        word, scale, score, *rest = shown(df.Prediction(p_fake=p))
        assert all(map(ONLY.fullmatch, (word, scale, score, *rest)))
        assert says(word, "WORD") and says(scale, "ON_SCALE") and says(score, "SCORE")
        assert rest[-len(wording.BLIND_SPOTS) :] == list(wording.BLIND_SPOTS)
        assert any(says(text, "BETWEEN") for text in rest) == (p == 0.5)


def test_a_can_t_tell_with_a_reason_is_given_no_second_one():
    text = verdict_markup.spoken(df.Prediction(p_fake=0.5, reason=wording.BLURRED))
    assert ONLY.fullmatch(text) and text.endswith(wording.BLURRED) and not says(text, "BETWEEN")


def test_the_page_claims_no_certainty_in_scores_of_copies_and_of_fooled_pictures():
    fake, real = df.Prediction(p_fake=1.0), df.Prediction(p_fake=0.0)
    image = np.zeros((1, 1, 3), np.uint8)
    copies = [
        Copy(variant, prediction, image)
        for variant, prediction in zip((AS_IT_IS, *VARIANTS), [fake, real] * 9, strict=False)
    ]
    tips = Strip(copies[0], tuple(copies[1:])).sentence
    assert ONLY.fullmatch(tips) and "(less than 0.01)" in tips
    copies[0] = Copy(AS_IT_IS, df.Prediction(p_fake=0.5), image)
    pushed = Strip(copies[0], tuple(copies[1:])).sentence
    assert says(pushed, "PUSHED") and "to more than 0.99 when" in pushed
    fooled = attack_sentence(fake, real, 3)
    assert says(fooled, "FOOLED") and "from more than 0.99 to less than 0.01" in fooled
    assert (
        says(attack_sentence(fake, fake, 1), "NOT_FOOLED")
        and attack_sentence(fake, fake, 0) == wording.UNCHANGED
    )


def test_what_the_checks_of_a_map_say_stands_in_the_table():
    random = np.linspace(0, 1, 20)
    for moved, away, name in (
        (2, "away from fake", "MOVES_MORE"),
        (0.8, "away from real", "MOVES_BY_CHANCE"),
        (0.2, "", "MOVES_NO_MORE"),
        (-1, "", "MOVES_NOTHING"),
    ):
        text = sentences.deletion_sentence(Deletion(moved, random), away)
        assert re.fullmatch(pattern(TABLE[name]), text) and away in text
    assert all(
        ONLY.fullmatch(sentences.sanity_sentence(correlation)) for correlation in (-1, 0, 0.5, 1)
    )


def test_why_a_face_can_t_be_judged_stands_in_the_table():
    reasons = [
        reason_not_to_tell(np.full((200, 200, 3), 90, np.uint8), face)
        for face in (
            None,
            Face(0, 0, 9, 9, 1.0),
            Face(0, 0, 1, 1, 1.0),
            Face(20, 20, 180, 180, 1.0),
        )
    ]
    assert len(set(reasons)) == 4 and all(map(ONLY.fullmatch, reasons))


@pytest.mark.model
@pytest.mark.parametrize("path", PICTURES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_what_the_shipped_detector_says_of_a_picture_is_made_of_these_sentences(shipped, path):
    prediction = shipped.predict(df.open_image(path))
    spoken, texts = verdict_markup.spoken(prediction), shown(prediction)
    assert ONLY.fullmatch(spoken)
    assert [text for text in texts if not ONLY.fullmatch(text)] == []
    for name in ("WORD", "SCORE", "CAME_FROM", "COUNTED_ON"):
        assert says(spoken, name) and any(says(text, name) for text in texts)
    assert prediction.verdict != "can't tell" or says(spoken, "BETWEEN")
    assert {*wording.BLIND_SPOTS} <= {*texts}


@pytest.mark.model
def test_so_is_what_it_says_of_pictures_that_it_can_t_judge_and_of_those_sent_again(
    shipped, portrait
):
    image = df.open_image(portrait)
    face = shipped.predict(image).face
    blurred, whole = (
        shipped.predict(blur(image, 0.06 * face.size), face),
        shipped.predict(image, None),
    )
    assert says(verdict_markup.spoken(blurred), "BLURRED") and says(
        verdict_markup.spoken(whole), "NO_FACE"
    )
    assert ONLY.fullmatch(verdict_markup.spoken(blurred)) and ONLY.fullmatch(
        verdict_markup.spoken(whole)
    )
    for path in PICTURES[::9]:
        assert ONLY.fullmatch(send_again(shipped, df.open_image(path)).sentence)
