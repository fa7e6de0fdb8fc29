"""Every sentence that a verdict can produce, in one table, so that its tone can be read as a whole.

Each says what was seen or counted; none claims to know, and none blames. Names in braces are filled
in by the modules that say the sentence. Below the table stand the few words that depend on a
number.
"""

from __future__ import annotations

from collections.abc import Sequence

# The answer: a word, the number behind it, and why a number in the middle gets no word.
WORD = "{word}."
SCORE = "The model's score is a probability of {p} that it is fake."
ON_SCALE = (
    "On a scale from real, 0, to fake, 1: {p}. Can't tell lies between {low:.2f} and {high:.2f}."
)
BETWEEN = "This score lies in the range where the answer is left open."
YOUR_PICTURE = "Your picture scores {p}: {verdict}."

# What the number was tested on. "Wrong" are the faces of the other kind, which got such a score all
# the same.
CAME_FROM = "A score this {side} came from {wrong} of 100 {wrongly} test faces{span}, and from {right} of 100 {rightly} ones."
FAKE_FROM = "Likely fake begins at a score of {edge:.2f}."
COUNTED_ON = "How often this model is wrong was counted on {on}, and on no other kinds of faces."
NEVER_MEASURED = "How often this model is wrong was never measured."
NOTHING_TO_COUNT = "So there are no figures to show."

# Why nobody can tell here, and what to do.
NO_FACE = (
    "No face was found or chosen, so the whole picture was judged. This model only knows faces: "
    "use a picture that shows one from the front."
)
TOO_SMALL = "The face is only {width} wide, too small to judge. Use a larger picture of it."
BLANK = "The place of the face is almost blank, so there is nothing to judge. Use a picture with more contrast."
BLURRED = "The face is too blurred to judge. Use a sharper picture of it."
DRAWN = "This looks like a drawing or has very few colours, but the model only knows photographs. Use a photograph."

# Around a verdict: which face is judged.
NO_FACE_FOUND = (
    "No face found. The model judges faces, so an answer for the whole picture means little."
)
SEVERAL_FACES = "{count} faces found. Press a frame to judge another one."

# What every verdict is blind to.
BLIND_SPOTS = (
    "It was trained on a few kinds of fakes and may miss every other kind.",
    "A strongly compressed, small or edited photograph can look fake to it, and a fake can look real.",
    "It judges one face. It knows nothing of the scene, the story or the source.",
    "Its number supposes that every second picture is a fake. Where fakes are rare, it says fake too often.",
    "A score is no proof. Ask where the picture comes from before you share it or accuse anyone.",
)

# What stands on everything that can be carried away: the evidence sheet, and the list of many
# pictures.
NO_PROOF = (
    "This sheet is no proof of anything. It says what one model answered about one picture, and how far that answer "
    "can be trusted. Do not use it to accuse anyone, to moderate or to hire."
)
RARE = "Where fakes are rare, many that are called fake are real. A score is no proof."

# In the game, where every answer has to be real or fake.
MODEL_SAID = "The model said {guess}: its score is a probability of {p} that it is fake."
MODEL_UNSURE = "The model would rather not tell: its score is a probability of {p} that it is fake."
COUNTS_AS = "The game counts that as {guess}."
MODEL_SILENT = "The model gave no answer."

# While an answer is waited for, by what is waited for.
WAITING = {
    "load": "Getting the model ready...",
    "open": "Opening the picture...",
    "judge": "Looking...",
}
CHECKING = {
    "deletion": "Checking the map against random ones...",
    "sanity": "Drawing the map with shuffled weights...",
}

# The edges of "can't tell", moved.
OWN_EDGES = "Can't tell lies between {low:.2f} and {high:.2f}, the model's own edges."
CHOSEN_EDGES = "Can't tell lies between {low:.2f} and {high:.2f}, edges that somebody chose."
THE_OWN_ARE = "The model's own edges are {low:.2f} and {high:.2f}."
COUNTED = (
    "Counted on pictures that the model never learnt from. The numbers in brackets say between what the true number "
    "most likely lies. Pictures of other kinds can fare far worse."
)
EDGES = f"{COUNTED} The edges count for the picture that is open and those after it, not for the game or many pictures."
RELIABILITY = (
    "Each dot is a group of test pictures with about the same score: the higher it lies, the more of them were fakes. "
    "On the grey line a score of 0.7 comes true for 70 of 100; above it more were fakes than the score says, below it "
    "fewer. ECE is how far the dots lie from that line on average."
)

# The picture sent again, changed.
SENT_AGAIN = "The picture was changed in everyday ways, and each copy judged again."
ON_EACH_SCALE = "On each scale: real is left, fake is right, and the box between {low:.2f} and {high:.2f} is can't tell."
NO_VERDICT = "So what its changed copies score says nothing either."
STAYS = "It stays {verdict} in {copies} changed copies."
REST_UNSURE = "{rest} the score slips into can't tell but stays on the same side, so the verdict is left as it is."
SLIPS = (
    "In {copies} changed copies the score slips into can't tell, though never to the other side, so the verdict is "
    "left as it is."
)
STILL_WRONG = "A verdict that holds can still be wrong."
REST_LEANS = "{rest} the score leaves the range of can't tell, but always to the same side."
TIPS_OVER = "The score tips over to the other side when the picture is {changes}, so this page says: can't tell."
PUSHED = (
    "Everyday changes of the picture push the score both ways, from {low} when it is {low_change} to {high} when it is "
    "{high_change}, so this page says: can't tell."
)

# The picture changed on purpose, to fool the model.
UNCHANGED = "This is the picture as it is. Move the slider to change it."
NOT_FOOLED = (
    "Each pixel of the face was changed by at most {levels} of 255 grey levels: the score moved from {before} to "
    "{after}, and the verdict stays {verdict}. A little more may turn it."
)
NOTHING_TO_TURN = (
    "Each pixel of the face was changed by at most {levels} of 255 grey levels: the score moved from {before} to "
    "{after}. This page says can't tell here, so there is no verdict to turn."
)
FOOLED = (
    "Each pixel of the face was changed by at most {levels} of 255 grey levels, and the verdict went from {was} to "
    "{now}: the score moved from {before} to {after}. Whoever has the model can work out such a change. So an answer "
    "says nothing about a picture that somebody prepared to fool it."
)

# Where the model looked.
CAVEAT = "The map says where the model looked, not where a picture was changed."
YELLOW = "Yellow is the strongest pull in this picture, however weak it is."
PULLED = "By this map, bright places pulled the model toward {toward}, most {place}."
PULLED_EITHER_WAY = "By this map, bright places would move the answer, either way, most {place}."
EMPTY_MAP = (
    "By this map, nothing in the picture pulled the model toward {toward}: this map is empty."
)

# Whether that map means anything: its brightest places blurred, and the model's last weights
# shuffled.
MOVES_MORE = "Blurring the brightest {areas} moves the answer{away} more than {beats} of {maps} random places do."
MOVES_BY_CHANCE = (
    "Blurring the brightest {areas} moves the answer{away} more than {beats} of {maps} random places do: that may "
    "still be chance."
)
MOVES_NO_MORE = "This map explains nothing here: blurring its brightest places moves the answer no more than random places do."
MOVES_NOTHING = (
    "This map explains nothing here: blurring its brightest places does not move the answer{away}."
)
LEARNED = (
    "With the model's last weights shuffled, the map is a different one (rank correlation {correlation:.2f}, where 1 "
    "is the same map): it depends on what the model learned."
)
PARTLY_LEARNED = (
    "With the model's last weights shuffled, the map is partly the same (rank correlation {correlation:.2f}, where 1 "
    "is the same map): part of it shows the picture, not what the model learned."
)
NOT_LEARNED = (
    "With the model's last weights shuffled, the map stays nearly the same (rank correlation {correlation:.2f}, where "
    "1 is the same map): it shows the picture rather than what the model learned."
)

# What the file says of itself.
PROVES_NOTHING = (
    "None of this proves anything: anyone can write or remove it, and many websites and messengers do remove it. "
    "The model's score does not use it."
)
NO_FILE = "This picture came as numbers and not as a file, so there is no file to read."


def probability(p: float) -> str:
    """A probability as people read it; never a certainty."""
    if p < 0.01:
        return "less than 0.01"
    return "more than 0.99" if p > 0.99 else f"{p:.2f}"


def of_100(part: float) -> str:
    """A part, 0 to 1, as so many of 100: every test has its gaps, so never none of them and never
    all."""
    count = round(100 * part)
    return {0: "hardly any", 100: "nearly all"}.get(count, f"about {count}")


def span(least: float, most: float) -> str:
    """How far apart several parts, 0 to 1, lie; nothing where they are the same."""
    low, high = round(100 * least), round(100 * most)
    return f" ({low} to {high}, by kind of picture)" if high > low else ""


def pixels(count: int) -> str:
    """A width."""
    return "1 pixel" if count == 1 else f"{count} pixels"


def listed(names: Sequence[str], last: str = "and") -> str:
    """Several names as one reads them aloud: "a, b and c"."""
    return f" {last} ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))
