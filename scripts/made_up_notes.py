"""Short notes with times, dates, prices, rooms and numbers, made up: what notes are full of and the corpora lack.

Each sort is a phrase: ``[this|that]`` is one of several, ``~`` any digit, ``<time>`` another phrase of that kind. They
teach where digits stand and what stands around them, not what is true: telephone numbers are of the exchange 555, which
has no owners, or of nobody that this script knows.
"""

from __future__ import annotations

import random
import re
from typing import Final

CHOICE: Final = re.compile(r"\[([^\[\]]*)\]")
SLOT: Final = re.compile(r"<(\w+)>")
ANY_DIGIT: Final = "~"

KINDS: Final[dict[str, tuple[str, ...]]] = {
    "note": (
        "<thing> at <time>, <day>",
        "<thing> [-|on|@|with <name>,] <date> <time>",
        "<thing>: <date>, <time>, [room|Room|Rm|Rm.] <room>",
        "Meet [me|us|<name>] at <time> [in room <room>|at <place>|outside <place>|in <place>].",
        "See you [on <date>|at <time>|in room <room>][.|!|]",
        "[Call|CALL|call|Phone|Text|Tel|Fax] [|<name>] [|at|-|on] <phone>",
        "<name> called[| at <time>]. [Call back|Number is|Tel:] <phone>.",
        "Flight <flight> [departs|arrives|leaves|lands] [at |]<time>, [gate|Gate|seat|terminal] <room>",
        "[Gate|Seat|Room|Unit|Locker|Bus|Platform|Table|Bay|Floor|Page|Ch.|No.] <room>",
        "[Buy|Get|Need|Pick up] <goods>, <goods> and <goods>[.|]",
        "<goods>[, <goods>|, <goods>, <goods>|; <goods>; <goods>| - <goods> - <goods>]",
        "[Total|Rent|Paid|Owe <name>|Cost|Price|Tickets|Deposit][:|| =] <price>",
        "It's <price> for <few> [people|days|hours|tickets|nights].",
        "[I|We] live at <address>.",
        "[Address|Send to|Deliver to|New address]: <address>",
        "[Due|Deadline|Return by|Starts|Closed until|Expires][:|] <date>",
        "[Open|Hours|Shift|Office hours][:|] <time> [-|to] <time>",
        "[Take|Add|Use|Bring] <few> [<unit>|tablets|pills] [at|by|before] <time>",
        "[p.|pp.|Page|Ex.|Q|Chapter|Step] <some>[|-<some>|, #<few>]",
        "<some> [+|-|=] <some> = <some>",
        "[Code|PIN|Order|Invoice|Ref|Serial|Account][ #|: | ][~~~~|~~~~~~|<room>~~~]",
        "[Score|Won|Lost|Result] <few>-<few>",
        "[email|Email|e-mail] [anna|bob|carol|dave|emma|frank|leo|sam|tom][|<some>]@[mail|example|home].[com|org|net]",
    ),
    "time": (
        "<hour> <half>",
        "<hour><half>",
        "<hour>:<minute>",
        "<hour>:<minute> <half>",
        "<hour>:<minute><half>",
        "[0|1]~:<minute>",
        "<hour> o'clock",
        "noon",
    ),
    "half": ("AM", "PM", "am", "pm", "p.m.", "a.m.", "PM"),
    "minute": ("00", "15", "30", "45", "[0|1|2|3|4|5][0|5]"),
    "date": (
        "<month> <dayth>",
        "<month> <daynumber>",
        "<short>[ |. ]<daynumber>",
        "<daynumber> <month>",
        "the <dayth>",
        "<hour>/<daynumber>[||/[9|0|1|2]~|/<year>]",
        "<month> <daynumber>, <year>",
        "<year>-[01|02|03|04|05|06|07|08|09|10|11|12]-[0|1|2]~",
        "<daynumber>.<hour>.<year>",
        "<day>",
        "[Mon|Tue|Tues|Wed|Thu|Thurs|Fri|Sat|Sun]",
        "<day>, <month> <daynumber>",
        "[Mon|Tue|Wed|Thu|Fri|Sat|Sun] <hour>/<daynumber>",
    ),
    "month": (
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
        "December",
    ),
    "short": ("Jan", "Feb", "Mar", "Apr", "Jun", "Jul", "Aug", "Sep", "Sept", "Oct", "Nov", "Dec"),
    "day": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    "dayth": ("[|2]1st", "31st", "[|2]2nd", "[|2]3rd", "[|1|2][4|5|6|7|8|9]th", "1[0|1|2|3]th", "[2|3]0th"),
    "year": ("199~", "200~", "201~", "202~", "202~"),
    "price": (
        "$<some>",
        "$<some>.[00|50|99|95|~~]",
        "$[1|2|3|4|5],~~~",
        "$~~~",
        "<some> cents",
        "<some>%",
        "<some>.~~",
        "<few> dollars",
    ),
    "phone": (
        "555-01~~",
        "([2|3|4|5|6|7|8|9]~~) 555-01~~",
        "[2|3|4|5|6|7|8|9]~~-555-01~~",
        "555 01~~",
        "07~~~ ~~~~~~",
        "ext. ~~~",
        "+1 [2|3|4|5|6|7|8|9]~~ 555 01~~",
    ),
    "room": (
        "<some>", "<letter><few>", "<few><letter>", "<letter>-<few>", "<letter><letter>-~~~", "#<few>", "[1|2|3|4]~~",
    ),
    "letter": tuple("ABCDEFGHKLMNPRSTX"),
    "flight": ("[BA|AA|UA|LH|DL|AF|KL|SQ|EK|WN][| ][~~~|~~~~|<some>]",),
    "address": ("<some> <street>[||, Apt <room>|, ~~~~~]",),
    "street": ("Main St", "Oak Ave", "Park Road", "High Street", "Mill Lane", "Elm St.", "Lake Drive", "2nd Ave",
               "5th Street", "Station Rd"),
    "goods": ("<few> <item>", "<item>", "<few> <unit> <item>", "<few>x <item>", "<item> (<few>)", "<item> <price>"),
    "item": ("milk", "eggs", "bread", "butter", "apples", "rice", "coffee", "tea", "sugar", "flour", "onions", "cheese",
             "paper towels", "batteries", "stamps", "tomatoes", "yogurt", "bananas", "chicken", "soap"),
    "unit": ("lb", "kg", "g", "oz", "cups", "bags", "boxes", "cans", "bottles", "packs", "l"),
    "name": (
        "Anna", "Bob", "Carol", "Dave", "Emma", "Frank", "Grace", "Hugo", "Ines", "Jack", "Karen", "Leo", "Mom", "Nina",
        "Omar", "Paul", "Rosa", "Sam", "Tom", "Uncle Ray", "Dr. Lee", "Mrs. Hall", "Mr. Young",
    ),
    "place": (
        "the office", "home", "the station", "the library", "the gym", "school", "the bank", "Gate 4", "the cafe",
    ),
    "thing": ("Meeting", "Dentist", "Lunch", "Dinner", "Class", "Train", "Bus", "Call", "Doctor", "Exam", "Party",
              "Pick up kids", "Gym", "Interview", "Flight", "Movie", "Practice"),
    "few": tuple(str(number) for number in range(1, 31)),
    "some": tuple(str(number) for number in (*range(1, 41), *range(42, 1000, 23))),
    "hour": tuple(str(number) for number in range(1, 13)),
    "daynumber": tuple(str(number) for number in range(1, 32)),
}  # fmt: skip


def made_up(count: int, seed: int) -> list[str]:
    """So many short notes, the same ones for the same seed."""
    chance = random.Random(seed)
    return [" ".join(_spelt("<note>", chance).split()) for _ in range(count)]


def _spelt(phrase: str, chance: random.Random) -> str:
    """A phrase with everything chosen."""
    while CHOICE.search(phrase):
        phrase = CHOICE.sub(lambda choice: chance.choice(choice[1].split("|")), phrase)
    phrase = re.sub(ANY_DIGIT, lambda _: chance.choice("0123456789"), phrase)
    return SLOT.sub(lambda slot: _spelt(chance.choice(KINDS[slot[1]]), chance), phrase)
