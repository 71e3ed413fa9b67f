"""Pools with a size set on purpose; whether it is the right one has to be answered or measured."""

from slowcoach.scoring.model import Evidence, signal
from slowcoach.scoring.paths import CODE, CONFIGURATION

EVIDENCE = Evidence(
    item="pools_sized",
    signals=(
        signal(
            "the size of a pool",
            f"{CONFIGURATION}|{CODE}",
            r"\b(pool_size|max_overflow|maximum-?pool-?size|default_pool_size|max_client_conn"
            r"|max_pool_size|maxPoolSize|poolSize|connection_limit|max_size|pool_maxsize)"
            r"['\"]?\s*[=:]\s*['\"]?\d+|\bSetMaxOpenConns\(|\.max_connections\(\d"
            r"|\b(DB|DATABASE)_POOL\w*\s*[=:]\s*['\"]?\d+",
            also=r"pool|database|postgres|mysql|jdbc|datasource|sql",
            part="set",
            words="pool max_overflow max_client_conn connection_limit max_size "
            "setmaxopenconns max_connections",
        ),
    ),
    parts=("set", "reasoned"),
    tool="investigate",
)
