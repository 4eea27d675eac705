import sys
from typing import Any

from django.core.management.base import BaseCommand

from generations.management.local.examine import EXAMINATIONS, Finding


class Command(BaseCommand):
    help = "Say of each part whether it works, and what to do where it doesn't."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        findings = []
        for examine in EXAMINATIONS:
            findings.append(examine())
            self.stdout.write(line_for(findings[-1]))
            self.stdout.flush()
        sys.exit(1 if any(finding.is_fault for finding in findings) else 0)


def line_for(finding: Finding) -> str:
    mark = "FAULT" if finding.is_fault else "ok"
    cure = f". {finding.cure}" if finding.is_fault else ""
    return f"{mark:<5}  {finding.part:<9} {finding.text.rstrip('.')}{cure}"
