"""The slow query log, or the statistics of statements, switched on."""

from slowcoach.scoring.model import Evidence, signal
from slowcoach.scoring.paths import CODE, CONFIGURATION

EVIDENCE = Evidence(
    item="slow_query_log",
    signals=(
        signal(
            "a slow query log",
            f"{CONFIGURATION}|{CODE}",
            r"log_min_duration_statement['\"]?\s{0,9}(=|:|to|,)?\s{0,9}(value\s{0,9}[=:]\s{0,9})?['\"]?\d+"
            r"|slow_query_log['\"]?\s{0,9}(=|:|,)?\s{0,9}(value\s{0,9}[=:]\s{0,9})?['\"]?(1|on|true)\b"
            r"|auto_explain\.log_min_duration['\"]?\s*[=:]\s*['\"]?\d|slowOpThresholdMs|log-?slow-?queries",
        ),
        signal(
            "statistics of statements",
            CONFIGURATION,
            r"shared_preload_libraries[^\n]{0,200}pg_stat_statements"
            r"|create extension[^\n;]{0,80}pg_stat_statements"
            r"|performance_schema\s*=\s*(1|on)",
        ),
        signal(
            "slow queries logged by the framework",
            f"{CONFIGURATION}|{CODE}",
            r"log_queries_slower_than_ms|slow_query_threshold|SlowThreshold:|maxQueryExecutionTime",
        ),
    ),
    tool="analyze_queries",
)
