"""Coroutines that wait for tasks in each way that asyncio has; prints `ready` when all do."""

import asyncio


async def part() -> None:
    await asyncio.sleep(600)


async def by_gather() -> None:
    await asyncio.gather(part(), part())


async def by_wait_for() -> None:
    await asyncio.wait_for(part(), 600)


async def by_wait() -> None:
    await asyncio.wait([asyncio.create_task(part())])


async def by_news() -> None:
    await asyncio.wait([asyncio.get_running_loop().create_future()])


async def by_task() -> None:
    await asyncio.create_task(part())


async def by_group() -> None:
    if hasattr(asyncio, "TaskGroup"):
        async with asyncio.TaskGroup() as group:
            group.create_task(part())


async def main() -> None:
    ways = (by_gather, by_wait_for, by_wait, by_news, by_task, by_group)
    tasks = [asyncio.create_task(way()) for way in ways]
    await asyncio.sleep(0.2)
    print("ready", 0, flush=True)
    await asyncio.gather(*tasks)


asyncio.run(main())
