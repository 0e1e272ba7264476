"""What is inside of the static program, as CycloneDX (by cyclonedx-python-lib)."""

import uuid
from datetime import datetime, timezone

# The Debian package: its name for people, its license, its type of package URL.
COMPONENTS = {
    "libc6-dev": ("glibc", "LGPL-2.1-or-later"),
    "libstdc++-12-dev": ("gcc-12", "GPL-3.0-or-later WITH GCC-exception-3.1"),
    "libarchive-dev": ("libarchive", "BSD-2-Clause"),
    "libboost1.74-dev": ("boost1.74", "BSL-1.0"),
    "libssl-dev": ("openssl", "Apache-2.0"),
    "zlib1g-dev": ("zlib", "Zlib"),
    "libzstd-dev": ("libzstd", "BSD-3-Clause"),
    "libfmt-dev": ("fmtlib", "MIT"),
    "libcli11-dev": ("cli11", "BSD-3-Clause"),
    "nlohmann-json3-dev": ("nlohmann-json3", "MIT"),
    "libexpected-dev": ("libexpected", "CC0-1.0"),
    "curl": ("curl", "curl"),
}


def make_sbom(path, version, versions, epoch, digests):
    """`versions`: of the Debian packages; `digests`: of the programs, by architecture."""
    from cyclonedx.model import HashAlgorithm, HashType
    from cyclonedx.model.bom import Bom
    from cyclonedx.model.component import Component, ComponentType
    from cyclonedx.model.license import LicenseExpression
    from cyclonedx.output.json import JsonV1Dot5
    from packageurl import PackageURL

    bom = Bom()
    bom.serial_number = uuid.uuid5(uuid.NAMESPACE_URL, f"hfaudit-{version}-{sorted(digests.items())}")
    bom.metadata.timestamp = datetime.fromtimestamp(epoch, timezone.utc)
    program = Component(name="hfaudit", version=version, type=ComponentType.APPLICATION, bom_ref=f"hfaudit@{version}",
                        licenses=[LicenseExpression("Apache-2.0")])
    files = [Component(name=f"hfaudit-{version}-linux-{machine}", version=version, type=ComponentType.FILE,
                       bom_ref=f"hfaudit-{machine}", hashes=[HashType(alg=HashAlgorithm.SHA_256, content=digest)])
             for machine, digest in sorted(digests.items())]
    bom.metadata.component = program
    parts = []
    for package, number in sorted(versions.items()):
        name, license_id = COMPONENTS[package]
        url = PackageURL(type="deb", namespace="debian", name=name, version=number, qualifiers={"distro": "debian-12"})
        parts.append(Component(name=name, version=number, type=ComponentType.LIBRARY, purl=url, bom_ref=str(url),
                               licenses=[LicenseExpression(license_id)]))
    for component in (*files, *parts):
        bom.components.add(component)
    bom.register_dependency(program, parts)
    with open(path, "w", encoding="utf-8") as file:
        file.write(JsonV1Dot5(bom).output_as_string(indent=1) + "\n")
