"""hfaudit from Python: where its program is, and its reports as typed objects.

    import hfaudit

    report = hfaudit.scan("acme/six")
    for finding in report.findings:
        print(finding.severity, finding.message)
"""

from __future__ import annotations

from ._report import Finding, HfauditError, Report, Repo, Revision, run, scan, verify
from ._find import find_hfaudit_bin

__all__ = ["Finding", "HfauditError", "Report", "Repo", "Revision", "find_hfaudit_bin", "run", "scan", "verify"]
