"""When runtimes of build images end: (runtime, version) -> last day of support.

source: Node.js Release schedule; Python developer's guide, "Status of Python versions"; php.net supported versions;
.NET support policy; ruby-lang.org branches; Go release policy (a version ends when the second one after it appears);
Moby branches. OpenJDK: the last CodeBuild images that had it (standard:3.0) were deprecated on that day; later images
have Corretto, which is not here because none of its versions in CodeBuild has ended. Images: CodeBuild user guide,
"Deprecated CodeBuild images".
as of: 2026-11-21

Versions are compared by their first one or two numbers.
"""

from __future__ import annotations

END_OF_SUPPORT: dict[str, dict[str, str]] = {
    "nodejs": {
        "8": "2019-12-31", "10": "2021-04-30", "12": "2022-04-30", "14": "2023-04-30", "16": "2023-09-11",
        "18": "2025-04-30", "20": "2026-04-30", "22": "2027-04-30",
    },
    "python": {
        "2.7": "2020-01-01", "3.4": "2019-03-18", "3.5": "2020-09-30", "3.6": "2021-12-23", "3.7": "2023-06-27",
        "3.8": "2024-10-07", "3.9": "2025-10-31", "3.10": "2026-10-31", "3.11": "2027-10-31", "3.12": "2028-10-31",
    },
    "ruby": {
        "2.3": "2019-03-31", "2.4": "2020-03-31", "2.5": "2021-03-31", "2.6": "2022-03-31", "2.7": "2023-03-31",
        "3.0": "2024-04-23", "3.1": "2025-03-31", "3.2": "2026-03-31", "3.3": "2027-03-31", "3.4": "2028-03-31",
    },
    "golang": {
        "1.11": "2019-09-03", "1.12": "2020-02-25", "1.13": "2020-08-11", "1.14": "2021-02-16", "1.15": "2021-08-16",
        "1.16": "2022-03-15", "1.17": "2022-08-02", "1.18": "2023-02-01", "1.19": "2023-08-08", "1.20": "2024-02-06",
        "1.21": "2024-08-13", "1.22": "2025-02-11", "1.23": "2025-08-12", "1.24": "2026-02-11",
    },
    "php": {
        "7.0": "2019-01-10", "7.1": "2019-12-01", "7.2": "2020-11-30", "7.3": "2021-12-06", "7.4": "2022-11-28",
        "8.0": "2023-11-26", "8.1": "2025-12-31", "8.2": "2026-12-31", "8.3": "2027-12-31", "8.4": "2028-12-31",
    },
    "dotnet": {
        "2.1": "2021-08-21", "2.2": "2019-12-23", "3.0": "2020-03-03", "3.1": "2022-12-13", "5.0": "2022-05-10",
        "6.0": "2024-11-12", "7.0": "2024-05-14", "8.0": "2026-11-10", "9.0": "2026-11-10", "10.0": "2028-11-14",
    },
    "java": {"openjdk8": "2022-06-30", "openjdk9": "2018-03-20", "openjdk11": "2022-06-30"},
    "docker": {"17": "2018-02-10", "18": "2019-08-22", "19": "2021-01-08", "20": "2023-12-10"},
}
IMAGES: tuple[tuple[str, str], ...] = (
    # beginning of an image name that CodeBuild no longer maintains -> what to use
    ("aws/codebuild/standard:1.", "aws/codebuild/standard:7.0"),
    ("aws/codebuild/standard:2.", "aws/codebuild/standard:7.0"),
    ("aws/codebuild/standard:3.", "aws/codebuild/standard:7.0"),
    ("aws/codebuild/standard:4.", "aws/codebuild/standard:7.0"),
    ("aws/codebuild/amazonlinux2-x86_64-standard:1.", "aws/codebuild/amazonlinux2-x86_64-standard:5.0"),
    ("aws/codebuild/amazonlinux2-x86_64-standard:2.", "aws/codebuild/amazonlinux2-x86_64-standard:5.0"),
    ("aws/codebuild/amazonlinux2-x86_64-standard:3.", "aws/codebuild/amazonlinux2-x86_64-standard:5.0"),
    ("aws/codebuild/amazonlinux2-aarch64-standard:1.", "aws/codebuild/amazonlinux2-aarch64-standard:3.0"),
    ("aws/codebuild/eb-", "aws/codebuild/amazonlinux2-x86_64-standard:5.0"),
    ("aws/codebuild/nodejs:", "aws/codebuild/standard:7.0"),
    ("aws/codebuild/python:", "aws/codebuild/standard:7.0"),
    ("aws/codebuild/java:", "aws/codebuild/standard:7.0"),
    ("aws/codebuild/docker:", "aws/codebuild/standard:7.0"),
    ("aws/codebuild/ruby:", "aws/codebuild/standard:7.0"),
    ("aws/codebuild/golang:", "aws/codebuild/standard:7.0"),
    ("aws/codebuild/php:", "aws/codebuild/standard:7.0"),
    ("aws/codebuild/ubuntu-base:", "aws/codebuild/standard:7.0"),
    ("aws/codebuild/dot-net:", "aws/codebuild/standard:7.0"),
    ("aws/codebuild/android-java-", "aws/codebuild/standard:7.0"),
    ("aws/codebuild/windows-base:1.", "aws/codebuild/windows-base:2019-3.0"),
)


def ended(runtime: str, version: str, today: str) -> str:
    """Return the day on which support of a version ended, or an empty string; `today` is YYYY-MM-DD."""
    table = END_OF_SUPPORT.get("golang" if runtime == "go" else runtime, {})
    digits = version.strip().lower().removesuffix(".x")
    for key in (digits, ".".join(digits.split(".")[:2]), digits.split(".")[0]):
        day = table.get(key)
        if day is not None:
            return day if day < today else ""
    return ""
