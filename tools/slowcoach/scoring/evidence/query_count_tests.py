"""Tests that count the statements of a request."""

from slowcoach.scoring.model import Evidence, signal
from slowcoach.scoring.paths import SOURCE, TESTS

EVIDENCE = Evidence(
    item="query_count_tests",
    signals=(
        signal(
            "an assertion on the number of queries",
            SOURCE,
            r"\b(assertNumQueries|django_assert_(max_)?num_queries|assertQueryCount|assertSelectCount"
            r"|SQLStatementCountValidator|QueryCountHolder|exceed_query_limit|make_database_queries"
            r"|perform_constant_number_of_queries|assert_queries(_count)?|assertQueries\w*)\b",
            words="quer sql",
        ),
        signal(
            "an N+1 detector that raises",
            r"\.(py|rb|toml|cfg|ini|ya?ml)$",
            r"NPLUSONE_RAISE\s*=\s*True|Bullet\.raise\s*=\s*true|Prosopite\.raise\s*=\s*true"
            r"|ZEAL_RAISE\s*=\s*True",
            words="raise",
        ),
        signal(
            "a counter of queries in tests",
            TESTS,
            r"\b(query_count(er)?|queryCount(er)?|count_queries|num_queries|executed_statements)\b",
        ),
    ),
    tool="analyze_queries",
)
