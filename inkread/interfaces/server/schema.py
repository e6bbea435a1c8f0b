"""What requests and answers hold, as records that check themselves and describe themselves in OpenAPI."""

from __future__ import annotations

from typing import Annotated, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, Json

from inkread.preprocessing.picture import MAX_PAGES

ModelName = Literal["auto", "characters", "letters", "digits"]
Probability = Annotated[float, Field(ge=0, le=1)]
MOST_CORRECTIONS = 3_000  # characters of a densely written page


class Strict(BaseModel):
    """A record without room for anything else: a misspelt option is an error, not nothing."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class BoxPixels(NamedTuple):
    """left, top, right, bottom in pixels of the original picture, turned the right way up, half-open."""

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
