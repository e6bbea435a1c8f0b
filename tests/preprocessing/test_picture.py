"""picture: every odd format by writing it, every broken file by breaking one."""

import io
import re
import struct
import sys
import time
import warnings
import zlib
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from PIL import Image, ImageFile

from inkread.errors import BadArray, BadOption, BadPicture, MissingDependency, PictureTooLarge
from inkread.preprocessing import frame_picture, load, pages, picture


def encoded(image, form, **options):
    stream = io.BytesIO()
    image.save(stream, form, **options)
    return stream.getvalue()


@pytest.fixture
def page(draw):
    """A dark F on light paper, uint8: no symmetry, so that turning it shows."""
    return 255 - draw("F")


@pytest.mark.parametrize("form", ["PNG", "TIFF", "WEBP", "BMP", "GIF", "PPM"])
def test_every_format_gives_the_same_grey(page, form):
    options = {"lossless": True} if form == "WEBP" else {}
    assert np.abs(load(encoded(Image.fromarray(page), form, **options)).pixels.astype(int) - page).max() <= 1


@pytest.mark.parametrize(
    "mode", ["1", "L", "LA", "La", "P", "RGB", "RGBA", "RGBa", "RGBX", "CMYK", "YCbCr", "HSV", "LAB", "I", "F"]
)
def test_every_mode_of_pil_gives_the_same_letter(page, mode):
    source = Image.fromarray(page)
    if mode in ("RGBa", "La"):
        converted = source.convert(mode.upper()).convert(mode)
    elif mode == "LAB":
        converted = Image.merge("LAB", (source, Image.new("L", source.size, 128), Image.new("L", source.size, 128)))
    elif mode == "HSV":
        converted = source.convert("RGB").convert("HSV")
    else:
        converted = source.convert(mode)
    difference = np.abs(frame_picture(converted, "emnist").astype(int) - frame_picture(page, "emnist"))
    assert difference.mean() < (12 if mode == "1" else 1.5)


def test_a_cmyk_jpeg_is_read_the_right_way_round(page):
    cmyk = encoded(Image.fromarray(page).convert("CMYK"), "JPEG", quality=95)
    assert np.abs(load(cmyk).pixels.astype(int) - page).mean() < 5


@pytest.mark.parametrize("white", [65535, 4095])
def test_deep_grey_is_scaled_to_its_white(page, white):
    deep = (page.astype(np.float64) * white / 255).round().astype(np.uint16)
    assert np.abs(load(encoded(Image.fromarray(deep), "PNG")).pixels.astype(int) - page).max() <= 1
    assert np.abs(load(deep).pixels.astype(int) - page).max() <= 1
    assert np.abs(load(deep.astype(np.int64)).pixels.astype(int) - page).max() <= 1


def test_arrays_of_every_kind_give_the_same_grey(page):
    kinds = [
        page,
        page[:, :, None],
        np.dstack([page] * 3),
        np.dstack([page] * 3 + [np.full_like(page, 255)]),
        page / 255.0,
    ]
    for array in kinds:
        assert np.abs(load(array).pixels.astype(int) - page).max() <= 1
    for mask in (page > 127, (page > 127).astype(np.uint8), (page > 127).astype(np.int64)):
        assert set(np.unique(load(mask).pixels)) == {0, 255}


@pytest.mark.parametrize(("orientation", "turn"), [(3, 2), (6, 3), (8, 1)])
def test_a_camera_held_sideways_is_turned_back(page, orientation, turn):
    exif = Image.Exif()
    exif[0x0112] = orientation
    sideways = Image.fromarray(np.rot90(page, -turn))
    loaded = load(encoded(sideways, "PNG", exif=exif))
    assert (loaded.pixels == page).all()
    assert (loaded.width, loaded.height) == page.shape[::-1]


@pytest.mark.parametrize("colour", [0, 255, 90, 200])
def test_a_drawing_on_transparency_never_vanishes(draw, colour):
    glyph = draw("F")
    drawing = np.dstack([np.full_like(glyph, colour)] * 3 + [glyph])
    assert np.abs(frame_picture(drawing, "emnist").astype(int) - frame_picture(glyph, "emnist")).mean() < 3


def test_a_tight_thick_glyph_on_transparency_never_vanishes():
    alpha = np.full((40, 40), 255, np.uint8)
    alpha[10:30, 15:40] = 0  # a thick C that covers most of its picture
    for colour in (0, 255):
        loaded = load(np.dstack([np.full_like(alpha, colour)] * 3 + [alpha])).pixels.astype(int)
        assert abs(loaded[0, 0] - loaded[20, 25]) == 255


def test_holes_in_an_opaque_page_are_paper(page):
    alpha = np.full_like(page, 255)
    alpha[:8, :8] = 0
    loaded = load(np.dstack([page] * 3 + [alpha])).pixels
    assert (loaded[:8, :8] == 255).all()


def test_a_palette_with_a_transparent_colour_is_laid_on_paper(page):
    image = Image.fromarray(page).convert("P")
    loaded = load(encoded(image, "GIF", transparency=int(np.asarray(image)[0, 0]))).pixels
    assert loaded[0, 0] == 255
    assert loaded.min() < 20


def test_dark_ink_on_light_paper_with_more_holes_than_paper_is_seen(page):
    alpha = np.zeros_like(page)
    alpha[page < 128] = 255
    alpha[: len(page) // 3] = 255  # some of the paper is there, light; the rest is transparent
    light = np.where(page < 128, 30, 250).astype(np.uint8)
    loaded = load(np.dstack([light] * 3 + [alpha])).pixels
    assert (loaded[alpha == 0] == 255).all()
    assert (loaded[page < 128] == 30).all()


@pytest.mark.parametrize(("paper", "ink"), [((255, 255, 255), (255, 255, 60)), ((70, 130, 70), (190, 80, 60))])
def test_coloured_ink_of_the_papers_lightness_stays_visible(draw, paper, ink):
    glyph = draw("F")
    coloured = np.where(glyph[:, :, None] > 127, np.uint8(ink), np.uint8(paper))
    assert np.abs(frame_picture(coloured, "emnist").astype(int) - frame_picture(glyph, "emnist")).mean() < 8


def test_the_first_picture_of_an_animation_is_read(page):
    frames = [Image.fromarray(page), Image.fromarray(255 - page)]
    assert (load(encoded(frames[0], "GIF", save_all=True, append_images=frames[1:])).pixels == page).all()


def document(form, *levels, **options):
    """A file with a page of 300 x 200 pixels for each level of grey."""
    first, *others = [Image.fromarray(np.full((200, 300), level, np.uint8)) for level in levels]
    return encoded(first, form, save_all=True, append_images=others, **options)


@pytest.mark.parametrize("form", ["TIFF", "PDF"])
def test_every_page_of_a_document_comes_in_its_turn(form, tmp_path):
    content = document(form, 250, 200, 150)
    path = tmp_path / "scan"  # the content tells what it is, not the name
    path.write_bytes(content)
    for source in (content, path):
        assert [round(float(page.pixels.mean())) for page in pages(source)] == [250, 200, 150]
        assert load(source).pixels.mean() == pytest.approx(250, abs=1)


@pytest.mark.parametrize("form", ["TIFF", "PDF"])
def test_pages_before_the_first_that_is_wanted_are_not_decoded(form, monkeypatch):
    content = document(form, 250, 200, 150)
    drawn = []
    for name in ("_frame", "_drawn"):
        real = getattr(picture, name)
        monkeypatch.setattr(picture, name, lambda *given, real=real: drawn.append(given) or real(*given))
    assert [round(float(page.pixels.mean())) for page in pages(content, first=3)] == [150]
    assert len(drawn) == 1
    assert list(pages(content, first=4)) == []


def test_what_is_no_document_has_no_second_page(page):
    for source in (page, Image.fromarray(page), encoded(Image.fromarray(page), "PNG"), load(page)):
        assert list(pages(source, first=2)) == []
    with pytest.raises(BadOption, match="first is 0; expected 1"):
        pages(page, first=0)


def test_an_open_tiff_gives_its_pages_and_stands_where_it_stood():
    with Image.open(io.BytesIO(document("TIFF", 250, 200, 150))) as image:
        image.seek(1)
        assert [page.pixels.mean() for page in pages(image)] == [250, 200, 150]
        assert load(image).pixels.mean() == 200


def test_what_is_no_document_is_one_page(page):
    animation = encoded(Image.fromarray(page), "GIF", save_all=True, append_images=[Image.fromarray(255 - page)])
    for source in (page, Image.fromarray(page), animation, encoded(Image.fromarray(page), "PNG")):
        (only,) = pages(source)
        assert (only.pixels == page).all()


def test_a_pdf_is_drawn_at_200_dots_an_inch_within_the_limit(monkeypatch):
    inch = document("PDF", 255, resolution=300)  # 300 x 200 dots: 1 inch wide
    assert (load(inch).width, load(inch).height) == pytest.approx((200, 133), abs=1)
    monkeypatch.setattr(picture, "WORKING_PIXELS", 5000)
    assert load(inch).pixels.size <= 5300


def test_a_picture_that_is_open_already_stays_as_it_is(page):
    (opened,) = pages(page)
    assert load(opened) is opened and list(pages(opened)) == [opened]


@pytest.mark.parametrize("form", ["PNG", "TIFF", None])
def test_a_picture_of_more_pixels_than_are_wanted_is_refused_with_the_limit(page, form):
    source = encoded(Image.fromarray(page), form) if form else page
    assert len(list(pages(source, page.size))) == 1
    with pytest.raises(PictureTooLarge, match=rf"pixels; expected at most {page.size - 1:,}: make it smaller"):
        next(pages(source, page.size - 1))


def test_a_smaller_copy_in_a_tiff_is_no_page():
    first, copy = (Image.fromarray(np.full((200, 300), level, np.uint8)) for level in (250, 200))
    copy.encoderinfo = {"tiffinfo": {254: 1}}
    assert len(list(pages(encoded(first, "TIFF", save_all=True, append_images=[copy])))) == 1


@pytest.mark.parametrize("form", ["TIFF", "PDF"])
def test_a_document_of_too_many_pages_is_refused_with_the_limit(form, monkeypatch):
    monkeypatch.setattr(picture, "MAX_PAGES", 2)
    content = document(form, 250, 200, 150)
    with pytest.raises(BadPicture, match=r"pages; expected at most .* cut the document up"):
        next(pages(content))
    assert load(content).pixels.mean() == pytest.approx(250, abs=1)
    assert len(list(pages(document(form, 250, 200)))) == 2


def test_a_pdf_of_too_many_bytes_is_refused_before_it_is_opened(monkeypatch):
    content = document("PDF", 250)
    monkeypatch.setattr(picture, "MAX_BYTES", len(content) - 1)
    with pytest.raises(PictureTooLarge, match=rf"is a PDF of more than {len(content) - 1:,} bytes; cut the document"):
        load(content)
    monkeypatch.setattr(picture, "MAX_BYTES", len(content))
    assert load(content).pixels.mean() == pytest.approx(250, abs=1)


def test_a_damaged_pdf_and_a_locked_one_each_have_their_sentence():
    whole = document("PDF", 250, 200)
    with pytest.raises(BadPicture, match="the data is damaged .*expected a whole PDF"):
        next(pages(whole[: len(whole) // 2]))
    lock = b"/Encrypt << /Filter /Standard /V 1 /R 2 /P -4 /O <" + b"41" * 32 + b"> /U <" + b"42" * 32 + b"> >> "
    at = whole.rindex(b"<<", whole.rindex(b"trailer")) + 2
    with pytest.raises(BadPicture, match="locked with a password; expected a PDF that opens without one"):
        next(pages(whole[:at] + lock + b"/ID [<41> <41>] " + whole[at:]))


class UnsafeDocument:
    """PDFium, as far as a document of two pages goes: it notices when a thread calls it while another one does."""

    inside = 0
    overlaps = 0

    def __init__(self, _content):
        self._called()

    def _called(self):
        UnsafeDocument.inside += 1
        time.sleep(0.001)
        UnsafeDocument.overlaps += UnsafeDocument.inside > 1
        UnsafeDocument.inside -= 1

    def __len__(self):
        self._called()
        return 2

    def __getitem__(self, _number):
        self._called()
        return self

    def get_size(self):
        return 100, 100

    def render(self, **_options):
        self._called()
        return self

    def to_numpy(self):
        return np.zeros((10, 10, 3), np.uint8)

    def close(self):
        self._called()


def test_pdfium_is_never_called_by_two_threads_at_once(monkeypatch):
    monkeypatch.setattr("pypdfium2.PdfDocument", UnsafeDocument)
    with ThreadPoolExecutor(4) as threads:
        read = list(threads.map(lambda _: len(list(pages(b"%PDF-"))), range(8)))
    assert read == [2] * 8 and UnsafeDocument.overlaps == 0


def test_a_pdf_without_pypdfium2_says_how_to_install_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "pypdfium2", None)
    with pytest.raises(
        MissingDependency, match=r'reading a PDF needs pypdfium2; install it with: pip install "inkread\[pdf\]"'
    ):
        load(document("PDF", 250))


def test_a_tiff_whose_second_page_is_cut_off_names_that_page():
    content = document("TIFF", 250, 200)
    read = pages(content[: len(content) - 3000])
    assert next(read).pixels.mean() == 250
    with pytest.raises(BadPicture, match="^page 2 of the data is damaged .*; expected a whole picture file$"):
        next(read)


def test_a_large_picture_is_reduced_and_remembers_its_size(monkeypatch, page):
    monkeypatch.setattr(picture, "WORKING_PIXELS", 1000)
    loaded = load(page)
    assert loaded.pixels.size <= 1100
    assert (loaded.width, loaded.height) == page.shape[::-1]
    assert loaded.scale[0] * loaded.pixels.shape[1] == page.shape[1]


def test_a_text_file_is_told_from_a_picture(tmp_path):
    note = tmp_path / "note.txt"
    note.write_text("Hello")
    with pytest.raises(
        BadPicture, match=r"note\.txt is not a picture \(first bytes: 48 65 6c 6c\); expected PNG, JPEG"
    ):
        load(note)


def test_a_picture_as_telephones_write_it_is_named(tmp_path):
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(b"\0\0\0\x18ftypheic" + bytes(200))
    with pytest.raises(
        BadPicture, match=r"photo\.jpg is a HEIC or AVIF picture.*expected PNG, JPEG.*export it as JPEG"
    ):
        load(photo)


def test_missing_empty_and_odd_paths_each_have_their_sentence(tmp_path):
    empty = tmp_path / "empty.png"
    empty.touch()
    for path, sentence in [
        (tmp_path / "none.png", "does not exist"),
        (empty, r"is empty \(0 bytes\)"),
        (tmp_path, "is a folder"),
        ("a\0b.png", "does not exist|cannot be opened"),
        ("x" * 5000, "cannot be opened"),
    ]:
        with pytest.raises(BadPicture, match=sentence):
            load(path)
    with pytest.raises(BadPicture, match="got int; expected a path"):
        load(3)
    with pytest.raises(BadPicture, match=r"the data is empty"):
        load(b"")


@pytest.mark.parametrize("form", ["PNG", "JPEG", "TIFF", "WEBP", "BMP", "GIF"])
def test_a_file_cut_short_anywhere_is_a_bad_picture_or_still_a_picture(page, form):
    whole = encoded(Image.fromarray(page), form)
    for length in sorted({1, 3, 8, 20, 40, 60, len(whole) // 2, len(whole) - 2}):
        try:
            load(whole[:length])
        except BadPicture as error:
            assert "expected" in str(error)


@given(st.data())
@settings(max_examples=60)
def test_flipped_bytes_never_crash(data):
    form = data.draw(st.sampled_from(["PNG", "JPEG", "TIFF", "WEBP", "BMP", "GIF", "PPM"]))
    whole = bytearray(encoded(Image.fromarray((np.arange(600) % 251).astype(np.uint8).reshape(20, 30)), form))
    for _ in range(data.draw(st.integers(1, 6))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    try:
        load(bytes(whole))
    except BadPicture as error:
        assert "expected" in str(error)


def chunk(kind, content):
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


@pytest.mark.parametrize(
    "side, said",
    [
        (9_500, "9,500 x 9,500 pixels; expected at most 80,000,000: make it smaller or cut it up"),
        (60_000, "far too many pixels; expected at most 80,000,000"),
        (0, "not a picture (first bytes: 89 50 4e 47); expected PNG, JPEG, TIFF, WebP, BMP, GIF or PDF"),
    ],
)
def test_a_decompression_bomb_is_refused_before_it_is_decoded(side, said, monkeypatch):
    def decode(*_):
        raise AssertionError("it was decoded")

    for kind in (Image.Image, ImageFile.ImageFile):
        monkeypatch.setattr(kind, "load", decode)
    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    bomb = (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 999)) + chunk(b"IEND", b"")
    )
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(BadPicture, match=f"^the data (is|has) {re.escape(said)}$"):
            load(bomb)


def test_a_picture_of_too_many_pixels_is_refused_with_the_limit():
    with pytest.raises(BadPicture, match=r"9,000 x 9,000 pixels; expected at most 80,000,000"):
        load(np.broadcast_to(np.uint8(0), (9000, 9000)))


def test_a_closed_pil_image_is_a_bad_picture(page, tmp_path):
    path = tmp_path / "page.png"
    Image.fromarray(page).save(path)
    image = Image.open(path)
    image.close()
    with pytest.raises(BadPicture, match="expected"):
        load(image)


@given(
    hnp.arrays(
        st.one_of(hnp.boolean_dtypes(), hnp.integer_dtypes(), hnp.unsigned_integer_dtypes(), hnp.floating_dtypes(),
                  hnp.complex_number_dtypes(), hnp.unicode_string_dtypes(max_len=3), hnp.datetime64_dtypes()),
        hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=6),
    )
)  # fmt: skip
@settings(max_examples=100)
def test_any_array_is_a_picture_or_a_sentence(array):
    try:
        loaded = load(array)
    except (BadArray, BadPicture) as error:
        assert "expected" in str(error)
    else:
        assert loaded.pixels.dtype == np.uint8
        assert loaded.pixels.shape == array.shape[:2]


@pytest.mark.parametrize("shape", [(2, 70_000), (70_000, 2)])
def test_a_picture_with_an_endless_side_is_refused(shape):
    with pytest.raises(PictureTooLarge, match=r"expected sides of at most 65,535: cut it up"):
        load(np.full(shape, 255, np.uint8))
