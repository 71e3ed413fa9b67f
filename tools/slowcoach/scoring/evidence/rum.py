"""Real User Monitoring: a library or a snippet that measures visits in the browser."""

from slowcoach.scoring.model import Evidence, signal

_PACKAGES = (
    r"\"(web-vitals|@datadog/browser-rum[\w-]*|@newrelic/browser-agent|@elastic/apm-rum[\w-]*"
    r"|@grafana/faro-[\w-]+|@vercel/speed-insights|boomerangjs|@splunk/otel-web"
    r"|@honeycombio/opentelemetry-web|@opentelemetry/sdk-trace-web|@dynatrace/[\w-]+"
    r"|@microsoft/applicationinsights-web|@sentry/(browser|react|nextjs|vue|angular|svelte))\"\s*:"
)
_SNIPPETS = (
    r"datadog-rum|BOOMR|speedcurve\.com|static\.cloudflareinsights\.com|newrelic\.com/nr-"
    r"|elastic-apm-rum|faro-web-sdk|js-agent\.newrelic|rum\.js\b|onLCP\("
)

EVIDENCE = Evidence(
    item="rum",
    signals=(
        signal("a library that measures visits", r"(^|/)package\.json$", _PACKAGES),
        signal(
            "a snippet that measures visits",
            r"\.(html?|ejs|erb|jinja2?|j2|hbs|jsx|tsx|js|ts|vue|svelte|astro)$",
            _SNIPPETS,
            words="rum boomr speedcurve cloudflareinsights newrelic faro onlcp",
        ),
    ),
    tool="set_up_monitoring",
)
