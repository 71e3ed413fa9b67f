"""Tasks of trio that wait for a lock and a sleep; prints `ready` when all do."""

import trio


async def wait_for_lock(lock: trio.Lock) -> None:
    async with lock:
        await trio.sleep(600)


async def main() -> None:
    lock = trio.Lock()
    async with trio.open_nursery() as nursery:
        for _ in range(3):
            nursery.start_soon(wait_for_lock, lock)
        await trio.sleep(0.2)
        print("ready", 0, flush=True)


trio.run(main)
