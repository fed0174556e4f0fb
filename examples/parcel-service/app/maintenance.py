"""Night jobs of the parcel service. Insecure on purpose, see ../../README.md."""

import subprocess

import boto3

ACCESS_KEY_ID = "AKIA4XQ7ZV2LMN6PTR5W"
DATABASE_URL = "postgresql://parcels:uD7-qLx92vRt@parcels.internal.example.net:5432/parcels"

ec2 = boto3.client("ec2", region_name="eu-central-1")
iam = boto3.client("iam")
s3 = boto3.client("s3")


def open_support_access(group_id: str) -> None:
    """Let the support people in. And everybody else."""
    ec2.authorize_security_group_ingress(
        GroupId=group_id,
        IpPermissions=[
            {
                "IpProtocol": "tcp",
                "FromPort": 22,
                "ToPort": 22,
                "IpRanges": [{"CidrIp": "0.0.0.0/0", "Description": "support"}],
            }
        ],
    )


def publish_labels(bucket: str) -> None:
    """Carriers fetch labels without signing in."""
    s3.put_bucket_acl(Bucket=bucket, ACL="public-read")


def unblock_release(role: str) -> None:
    """The release failed with AccessDenied, so give it everything."""
    iam.attach_role_policy(RoleName=role, PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")


def rotate_logs(folder: str) -> None:
    """Compress what is older than a week."""
    subprocess.run(f"find {folder} -mtime +7 -exec gzip {{}} ;", shell=True, check=False)
