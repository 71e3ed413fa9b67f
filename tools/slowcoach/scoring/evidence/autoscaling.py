"""An autoscaler; whether anyone has seen it scale has to be answered."""

from slowcoach.scoring.model import Evidence, signal
from slowcoach.scoring.paths import MANIFESTS

EVIDENCE = Evidence(
    item="autoscaling",
    signals=(
        signal(
            "an autoscaler",
            MANIFESTS,
            r"kind:\s*(HorizontalPodAutoscaler|ScaledObject|ScaledJob|MachineDeploymentAutoscaler)\b"
            r"|\"?(aws_autoscaling_policy|aws_appautoscaling_(policy|target)|google_compute_(region_)?autoscaler"
            r"|azurerm_monitor_autoscale_setting|aws_autoscaling_group)\""
            r"|autoscaling\.knative\.dev/max-?scale|AWS::ApplicationAutoScaling|AWS::AutoScaling::ScalingPolicy"
            r"|\bautomatic_scaling:|\bauto_start_machines\s*=\s*true|provisionedConcurrency:",
            part="configured",
            words="autoscal scaledobject scaledjob max-scale maxscale "
            "automatic_scaling auto_start_machines provisionedconcurrency",
        ),
        signal(
            "a chart's autoscaler, switched on",
            r"(^|/)values[^/]*\.ya?ml$",
            r"autoscaling:[ \t]{0,9}\n([ \t]+[^\n]{0,200}\n){0,9}?[ \t]+enabled:[ \t]*true",
            part="configured",
        ),
    ),
    parts=("configured", "tested"),
    tool="run_load_test",
)
