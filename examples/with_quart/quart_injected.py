from postlude import current_tasks
from postlude.frameworks.quart import PostludeExtension
from quart import Blueprint, Quart, request

shop = Blueprint("shop", __name__)


async def print_invoice(number: int) -> None:
    print(f"printed invoice {number}")


def write_audit(line: str) -> None:
    print(f"audit: {line}")


def welcome(name: str) -> str:  # knows nothing of requests or responses
    current_tasks().add_task(write_audit, f"{name} places an order")
    return name


@shop.before_request
async def count_visit() -> None:
    current_tasks().add_task(write_audit, "one more visit")


@shop.post("/orders/<int:number>")
async def place_order(number: int) -> tuple[dict[str, str], int]:
    thanks = welcome(request.args["name"])
    current_tasks().add_task(print_invoice, number)
    return {"thanks": thanks}, 202


app = Quart(__name__)
app.register_blueprint(shop)
PostludeExtension(app)
