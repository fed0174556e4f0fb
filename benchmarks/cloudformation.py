"""How fast CloudFormation templates are read and judged, against cfn-lint: `python benchmarks/cloudformation.py`.

    [--megabytes 5] [--compared 1] [-n 3]

Templates are generated: buckets, functions, roles, networks and databases with parameters, conditions, maps and
functions, about 20 KB each. leftgate scans all of them; both tools then scan the same smaller set, since cfn-lint
takes minutes for megabytes. Whole processes, cold, no result cache.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from pathlib import Path

from measure import Command, table, together

BIN = Path(sys.executable).parent
HEAD = """\
AWSTemplateFormatVersion: "2010-09-09"
Description: Service {number}
Parameters:
  Env: {{Type: String, AllowedValues: [dev, prod]}}
  Name: {{Type: String, Default: service{number}}}
Mappings:
  Sizes:
    dev: {{Days: 1, Class: db.t3.micro}}
    prod: {{Days: 14, Class: db.m6g.large}}
Conditions:
  IsProd: !Equals [!Ref Env, prod]
Resources:
"""
BLOCKS = (
    """\
  Bucket{n}:
    Type: AWS::S3::Bucket
    DeletionPolicy: Retain
    Properties:
      BucketName: !Sub "${{Name}}-${{Env}}-${{AWS::AccountId}}-{n}"
      VersioningConfiguration: {{Status: !If [IsProd, Enabled, Suspended]}}
      BucketEncryption:
        ServerSideEncryptionConfiguration:
          - ServerSideEncryptionByDefault: {{SSEAlgorithm: aws:kms}}
      PublicAccessBlockConfiguration:
        BlockPublicAcls: true
        BlockPublicPolicy: {flag}
        IgnorePublicAcls: true
        RestrictPublicBuckets: true
""",
    """\
  Role{n}:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal: {{Service: lambda.amazonaws.com}}
            Action: sts:AssumeRole
      Policies:
        - PolicyName: read
          PolicyDocument:
            Version: "2012-10-17"
            Statement:
              - Effect: Allow
                Action: ["s3:GetObject", "s3:ListBucket"]
                Resource: !Join ["", ["arn:", !Ref "AWS::Partition", ":s3:::", !Ref Name, "-{n}/*"]]
""",
    """\
  Group{n}:
    Type: AWS::EC2::SecurityGroup
    Properties:
      GroupDescription: group {n}
      SecurityGroupIngress:
        - {{IpProtocol: tcp, FromPort: {port}, ToPort: {port}, CidrIp: 10.{octet}.0.0/16}}
        - {{IpProtocol: tcp, FromPort: 443, ToPort: 443, CidrIp: 0.0.0.0/0}}
      Tags:
        - {{Key: Name, Value: !Sub "${{Name}}-{n}"}}
""",
    """\
  Database{n}:
    Type: AWS::RDS::DBInstance
    Properties:
      Engine: postgres
      AllocatedStorage: "20"
      DBInstanceClass: !FindInMap [Sizes, !Ref Env, Class]
      BackupRetentionPeriod: !FindInMap [Sizes, !Ref Env, Days]
      StorageEncrypted: {flag}
      MasterUsername: admin{n}
      MasterUserPassword: "{{{{resolve:secretsmanager:db-{n}:SecretString:password}}}}"
""",
)


def template(number: int, size: int) -> str:
    """Return a template of about `size` characters."""
    chance = random.Random(number)
    text, n = HEAD.format(number=number), 0
    while len(text) < size:
        text += BLOCKS[n % len(BLOCKS)].format(
            n=n, flag=chance.choice(("true", "false")), port=chance.randint(22, 9000), octet=chance.randint(0, 255))
        n += 1
    return text


def write(folder: Path, megabytes: float) -> None:
    for number in range(max(1, int(megabytes * 50))):
        (folder / f"service{number}.yaml").write_text(template(number, 20_000))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--megabytes", type=float, default=5)
    parser.add_argument("--compared", type=float, default=1)
    parser.add_argument("-n", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        large, small = Path(name, "large"), Path(name, "small")
        for folder, size in ((large, options.megabytes), (small, options.compared)):
            folder.mkdir()
            write(folder, size)
        scan = (str(BIN / "leftgate"), "scan", ".", "--no-config", "--no-cache", "--format", "json")
        alone = together([Command("leftgate", scan, large, (0, 1, 3))], options.n)
        print(f"{options.megabytes} MB: {options.megabytes / alone[0].wall:.2f} MB/s, peak {alone[0].peak:.0f} MiB")
        files = tuple(sorted(path.name for path in small.iterdir()))
        both = together([
            Command("leftgate", scan, small, (0, 1, 3)),
            Command("cfn-lint", (str(BIN / "cfn-lint"), *files), small, tuple(range(16))),
        ], 1)
        print(table(both, "leftgate") if table.__code__.co_argcount > 1 else table(both))
        print(f"{options.compared} MB: cfn-lint takes {both[1].wall / both[0].wall:.1f} times as long")


if __name__ == "__main__":
    main()
