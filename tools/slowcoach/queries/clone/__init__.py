"""A copy of a database's schema and statistics without its data: what would an index change?

PostgreSQL's planner looks at sizes and statistics, never at rows. So the user's schema and
statistics are restored into a private server, and the files of its tables are made as long as
the real ones without holding anything (sparse). An index made there costs milliseconds, and the
user's server sees nothing but reads of its catalog.
"""
