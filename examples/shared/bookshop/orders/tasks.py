from postlude import task


@task
def print_label(number: int) -> None:
    print(f"printed label {number}")


def count_order(number: int) -> None:
    print(f"counted order {number}")
