"""Tasks that wait for an executor's only thread: one has it, two are in its queue."""

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor


async def ask(number: int) -> None:
    await asyncio.get_running_loop().run_in_executor(None, time.sleep, 600 + number)


async def main() -> None:
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(1))
    tasks = [asyncio.create_task(ask(number)) for number in range(3)]
    await asyncio.sleep(0.2)
    print("ready", 0, flush=True)
    await asyncio.gather(*tasks)


asyncio.run(main())
