import asyncio
from dataclasses import dataclass, field

courier_is_here = asyncio.Event()


@dataclass
class Order:
    number: str
    item: str
    steps: dict[str, str] = field(default_factory=dict[str, str])


async def charge(order: Order) -> None:
    await asyncio.sleep(0.3)


async def reserve(order: Order) -> None:
    if order.item == "unicorn":
        raise LookupError("no unicorn in the warehouse")


async def ship(order: Order) -> None:
    await courier_is_here.wait()


async def send_email(order: Order) -> None:
    print(f"email: order {order.number} is on its way")


async def refund(order: Order) -> None:
    await asyncio.sleep(0.05)


async def release(order: Order) -> None:
    await asyncio.sleep(0.05)


STEPS = {"charge": charge, "reserve": reserve, "ship": ship, "send_email": send_email}
UNDO = {"reserve": release, "charge": refund}
