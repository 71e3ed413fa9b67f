"""Where things stand in repositories, as regular expressions over lower-case paths."""

_NO_TESTS = r"^(?!(.*/)?(tests?|specs?|__tests__|examples?|fixtures|testdata)/)"
CI = (
    r"^\.github/workflows/[^/]+\.ya?ml$|^\.gitlab-ci\.ya?ml$|^\.gitlab/ci/.+\.ya?ml$"
    r"|(^|/)jenkinsfile|^\.circleci/config\.ya?ml$|^azure-pipelines.*\.ya?ml$"
    r"|^bitbucket-pipelines\.ya?ml$|^\.buildkite/|^\.travis\.ya?ml$|^\.drone\.ya?ml$"
    r"|^\.woodpecker(/|\.ya?ml$)|^\.ci/|^\.semaphore/|^\.teamcity/|^\.cirrus\.ya?ml$"
)
CONFIGURATION = _NO_TESTS + (
    r"(.*\.(ya?ml|toml|ini|cfg|conf|cnf|properties|json|env|tf|tfvars|hcl|sql|jsonnet|xml|sh|tpl|j2)"
    r"|(.*/)?(dockerfile|\.env|docker-compose|postgresql\.conf|my\.cnf)[^/]*)$"
)
MANIFESTS = _NO_TESTS + r".*\.(ya?ml|json|tf|hcl|jsonnet|toml|tpl|bicep|ts|py)$"
SOURCE = r"\.(py|js|mjs|cjs|ts|jsx|tsx|go|java|kt|scala|rb|rs|cs|php|ex|exs|clj|swift)$"
CODE = _NO_TESTS + r".*" + SOURCE  # what runs in production
TESTS = r"(^|/)(tests?|specs?|__tests__)/|(^|/)(test_[^/]+|conftest|[^/]+[._-](test|spec))\.\w+$"
DOCUMENTS = r"(^|/)(docs?|documentation|adr|wiki|handbook|architecture)/.+\.(md|rst|adoc|txt|mdx)$"
ALERTS = r"\.(ya?ml|json|tf|jsonnet|libsonnet|tpl)$"
CRON = r"schedule:|cron|pipeline_source\s*==\s*['\"]schedule"
