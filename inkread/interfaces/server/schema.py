"""What requests and answers hold, as records that check themselves and describe themselves in OpenAPI."""

from __future__ import annotations

from typing import Annotated, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, FailFast, Field, Json

from inkread.preprocessing.picture import MAX_PAGES

ModelName = Literal["auto", "characters", "letters", "digits"]
Probability = Annotated[float, Field(ge=0, le=1)]
MOST_CORRECTIONS = 3_000  # characters of a densely written page
MOST_ROWS = 3_000  # the same, of one text
MOST_CLASSES = 1_000  # characters of an alphabet


class Strict(BaseModel):
    """A record without room for anything else: a misspelt option is an error, not nothing."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class BoxPixels(NamedTuple):
    """left, top, right, bottom in pixels of the original picture, turned as its EXIF tag says, half-open."""

    left: int
    top: int
    right: int
    bottom: int


class Correction(Strict):
    """What a person says that a place of the picture says."""

    box: BoxPixels
    text: Annotated[str, Field(max_length=100)]


class ReadOptions(Strict):
    """The options of /v1/read, in the query or as fields of the form."""

    model: ModelName = Field("auto", description="auto finds out what stands there")
    min_confidence: Probability | None = Field(None, description="a less probable character is written as a ?")
    page: Annotated[int, Field(ge=1, le=MAX_PAGES)] = Field(1, description="page of a TIFF or PDF, from 1")
    corrections: Json[Annotated[list[Correction], Field(max_length=MOST_CORRECTIONS)]] | None = Field(
        None, description='JSON: [{"box": [left, top, right, bottom], "text": "A"}]'
    )


class DecodeOptions(Strict):
    """How log-probabilities become text; as `inkread.DecodingOptions`, whose defaults fill what is left out.

    Without its `words` and `keep`: a language that knows a client's words would be kept for the next request, and so
    would patterns.
    """

    language_weight: float | None = None
    beam: Annotated[int, Field(ge=1, le=256)] | None = None
    n_best: Annotated[int, Field(ge=1, le=100)] | None = None
    certain: float | None = None
    min_confidence: Probability | None = None
    lexicon: bool | None = None


class DecodeRequest(Strict):
    """The body of /v1/decode."""

    log_probs: Annotated[list[Annotated[list[float | None], FailFast()]], FailFast(), Field(max_length=MOST_ROWS)] = (
        Field(
            description="natural logarithms, a row a character, a column a character of the alphabet; null: impossible"
        )
    )
    alphabet: Annotated[str, Field(min_length=1, max_length=MOST_CLASSES)] = Field(
        "letters", description="letters, digits, characters, or the characters themselves in the order of the columns"
    )
    gaps: list[Probability] | None = Field(
        None, description="the probability of a space after each character but the last; null: unknown"
    )
    options: DecodeOptions = DecodeOptions()


class AlternativeAnswer(NamedTuple):
    """What else a character (by the eye) or a line may say, and its probability."""

    text: str
    probability: float


class CharacterAnswer(Strict):
    """One character: what it says, how sure that is, where it stands, what else it may be."""

    text: str
    confidence: Probability
    box: BoxPixels
    alternatives: list[AlternativeAnswer]


class WordAnswer(Strict):
    """One word, left to right."""

    text: str
    confidence: Probability
    box: BoxPixels
    characters: list[CharacterAnswer]


class LineAnswer(Strict):
    """One line of text."""

    text: str
    raw_text: str
    words: list[WordAnswer]
    box: BoxPixels
    confidence: Probability
    alternatives: list[AlternativeAnswer] = Field(description="the next best texts of the line")


class ReadAnswer(Strict):
    """One page, as `inkread read --json` prints it. Without readable text, `lines` is empty and `remark` says why."""

    picture: str = Field(description="the file's name; - where the picture came without one")
    page: int | None = Field(None, description="only where the document has more pages than one")
    text: str
    raw_text: str
    confidence: Probability
    lines: list[LineAnswer]
    width: int
    height: int
    model: str
    remark: str
    milliseconds: dict[str, float]
    misfits: list[int] = Field([], description="lines that a constraint left out; the server knows none")


class HypothesisAnswer(Strict):
    """A text that may have been meant, and natural logarithms of what speaks for it; null: nothing does."""

    text: str
    recogniser: float | None
    language: float | None
    gaps: float | None
    score: float | None


class DecodeAnswer(Strict):
    """What log-probabilities say when language has spoken, too."""

    text: str
    raw_text: str
    confidence: Probability
    hypotheses: list[HypothesisAnswer]
    posteriors: list[list[Probability]]


class ModelAnswer(Strict):
    """A model that may be asked for."""

    name: str
    alphabet: str
    bytes: int


class ModelsAnswer(Strict):
    """The models that ship."""

    models: list[ModelAnswer]


class ErrorText(Strict):
    """What went wrong: a word for programs, a sentence for people."""

    code: str
    message: str


class ErrorAnswer(Strict):
    """Every answer but 200."""

    error: ErrorText
