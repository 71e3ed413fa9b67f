"""Tasks that wait for an executor's only thread: one has it, the others are in its queue."""

import asyncio
import time
from collections.abc import Awaitable
from concurrent.futures import ThreadPoolExecutor


def asked(number: int) -> Awaitable[None]:
    return asyncio.get_running_loop().run_in_executor(None, time.sleep, 600 + number)


async def ask(number: int) -> None:
    await asked(number)


async def ask_shielded() -> None:
    await asyncio.shield(asked(10))


async def ask_shielded_task() -> None:
    await asyncio.shield(asyncio.create_task(ask(20)))


async def ask_in_time() -> None:
    await asyncio.wait_for(asked(30), 600)


async def ask_together() -> None:
    await asyncio.gather(asked(40), asked(41))


async def ask_for_any() -> None:
    await asyncio.wait([asyncio.ensure_future(asked(50))])


async def main() -> None:
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(1))
    ways = (ask_shielded, ask_shielded_task, ask_in_time, ask_together, ask_for_any)
    tasks = [asyncio.create_task(ask(number)) for number in range(3)]
    await asyncio.sleep(0.2)
    tasks += [asyncio.create_task(way()) for way in ways]
    await asyncio.sleep(0.2)
    print("ready", 0, flush=True)
    await asyncio.gather(*tasks)


asyncio.run(main())
