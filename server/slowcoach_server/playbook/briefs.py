"""What a person told goes into the brief of an investigation, beside what was measured."""

from typing import Any

from slowcoach.core.errors import SlowcoachError
from slowcoach.diagnosis import brief as briefs
from slowcoach_server.playbook.walk import Walk

_PLACES = {
    "since_when": ("problem_statement", "since_when"),
    "impact": ("problem_statement", "impact"),
    "symptom": ("problem_statement", "symptom"),
    "target_p95": ("baselines", "target_p95"),
    "target_p50": ("baselines", "target_p50"),
    "risk_tolerance": ("constraints", "risk_tolerance"),
}
_FILE = "brief.yaml"


def told(walk: Walk) -> briefs.Fields:
    """Return the fields of the brief that the person told."""
    found: briefs.Fields = {}
    for name, (section, field) in _PLACES.items():
        if text := walk.arguments.get(name):
            found.setdefault(section, {})[field] = str(text)
    return found


def with_target(walk: Walk) -> str | None:
    """Return an earlier brief that the investigation is to judge by, if a target was told."""
    fields = told(walk)
    if "baselines" not in fields:
        return None
    return briefs.as_yaml(fields).decode()


def fill(walk: Walk, found: Any) -> None:
    """Merge what was told into the measured brief, and keep that with the run."""
    form = briefs.sections()
    for fields in (found.brief, told(walk)):
        for section, values in fields.items():
            form[section].update({key: text for key, text in values.items() if text})
    walk.brief = briefs.without_gaps(form)
    if found.run_id:
        try:
            walk.runs.store.save(found.run_id, _FILE, briefs.as_yaml(form), "application/yaml")
        except SlowcoachError:
            walk.missing.append("the brief could not be kept with the run")
