import io
from pathlib import Path

import darkroom
import httpx
from doors import closed, wait_until
from PIL import Image


def picture() -> bytes:
    file = io.BytesIO()
    Image.effect_noise((1600, 1200), 10).save(file, "JPEG", quality=95)
    return file.getvalue()


def upload(shop: httpx.Client, content: bytes) -> int:
    answer = shop.post("/photos", files={"file": ("cat.jpg", content)})
    assert answer.status_code == 202
    return int(answer.json()["id"])


def state(shop: httpx.Client, photo: int) -> object:
    answer = shop.get(f"/photos/{photo}")
    assert answer.status_code == 200
    return answer.json()["state"]


def test_the_answer_waits_for_no_darkroom(shop: httpx.Client) -> None:
    with closed("darkroom"):
        photo = upload(shop, picture())
        assert state(shop, photo) == "uploaded"
    wait_until(lambda: state(shop, photo) == "ready")


def test_the_photo_gets_smaller_and_its_row_says_so(shop: httpx.Client) -> None:
    original = picture()
    photo = upload(shop, original)
    wait_until(lambda: state(shop, photo) == "ready")
    file = Path(f"{photo}.small.jpg")
    with Image.open(file) as image:
        assert image.size == (800, 600)
    size = file.stat().st_size
    assert size < len(original) / 4
    row = darkroom.read(photo)
    assert (row["width"], row["height"], row["bytes"]) == (800, 600, size)


def test_what_is_no_photo_is_found_out_later(shop: httpx.Client) -> None:
    photo = upload(shop, b"a letter")
    wait_until(lambda: state(shop, photo) == "failed")
    assert not Path(f"{photo}.small.jpg").exists()
