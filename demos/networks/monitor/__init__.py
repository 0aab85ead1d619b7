"""A monitor for any torch.nn.Module, and a diagnosis of its recordings; independent of the dashboard."""

from demos.networks.monitor.monitor import INSTRUMENTS, GradientFlowMonitor
from demos.networks.monitor.report import Finding, Report
from demos.networks.monitor.rules import diagnose
from demos.networks.monitor.run import Run
from demos.networks.monitor.run_file import RunFileError, load_run, parse_run

__all__ = [
    "INSTRUMENTS",
    "Finding",
    "GradientFlowMonitor",
    "Report",
    "Run",
    "RunFileError",
    "diagnose",
    "load_run",
    "parse_run",
]
