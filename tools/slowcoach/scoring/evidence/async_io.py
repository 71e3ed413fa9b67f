"""Waits that are done together, or moved out of the request."""

from slowcoach.scoring.model import Evidence, signal
from slowcoach.scoring.paths import CODE

EVIDENCE = Evidence(
    item="async_io",
    signals=(
        signal(
            "waits done together",
            CODE,
            r"\basyncio\.(gather|TaskGroup|as_completed)\(|\bcreate_task_group\(|\bPromise\.all(Settled)?\("
            r"|\berrgroup\.|\bCompletableFuture\.allOf\(|\btokio::(join|try_join|spawn)|\bTask\.WhenAll\("
            r"|\bMono\.zip\(|\basync let\b|\bawaitAll\(|\bTask\.async_stream\(",
            words="asyncio task_group promise.all errgroup completablefuture "
            "tokio whenall mono.zip async awaitall",
        ),
        signal(
            "work moved to a queue",
            CODE,
            r"@(shared_task|app\.task|celery\.task|dramatiq\.actor|job)\b"
            r"|include Sidekiq::|< ApplicationJob"
            r"|from ['\"]bullmq['\"]|@KafkaListener|@RabbitListener|use Oban\.Worker",
            words="task actor job sidekiq bullmq listener oban",
        ),
        signal(
            "asynchronous handlers",
            r"\.(py|js|ts|mjs|rs|cs|kt)$",
            r"^[ \t]*(export\s+)?async (def|fn|function) \w+|\bsuspend fun \w+|\basync Task<",
            also=r"\bawait\b|\.await\b",
            part="handlers",
            words="async suspend",
        ),
    ),
    parts=("handlers", "together"),
    tool="record_profile",
)
