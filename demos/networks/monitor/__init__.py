"""A monitor for anyone's torch.nn.Module, and the doctor that reads what it recorded; free of the dashboard."""

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
