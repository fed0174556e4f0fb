"""Calls of AWS APIs in Python: clients however they are made and held, constants however they are built."""

import pytest
from access_making import lines, verdicts, workspace_of

SSH = "security-group-open-to-world-on-ssh"
OPEN = 'IpProtocol="tcp", FromPort=22, ToPort=22, CidrIp="0.0.0.0/0")'

RECEIVERS = {
    "direct": 'boto3.client("ec2").authorize_security_group_ingress(' + OPEN,
    "name": 'c = boto3.client("ec2")\nc.authorize_security_group_ingress(' + OPEN,
    "session": 's = boto3.Session()\nc = s.client(service_name="ec2")\nc.authorize_security_group_ingress(' + OPEN,
    "resource": 'boto3.resource("ec2").SecurityGroup("sg-1").authorize_ingress(' + OPEN,
    "meta": 'r = boto3.resource("ec2")\nr.meta.client.authorize_security_group_ingress(' + OPEN,
    "parameter": "def f(client):\n    client.authorize_security_group_ingress(" + OPEN,
    "attribute": 'class A:\n  def __init__(self):\n    self.c = boto3.client("ec2")\n  def f(self):\n    self.c.authorize_security_group_ingress(' + OPEN,
    "expanded": 'p = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "CidrIp": "0.0.0.0/0"}\nboto3.client("ec2").authorize_security_group_ingress(**p)',
    "built": 'A = "0.0.0.0"\nboto3.client("ec2").authorize_security_group_ingress(IpProtocol="tcp", FromPort=22, ToPort=22, CidrIp=f"{A}/0")',
    "summed": 'A = "0.0.0.0"\nboto3.client("ec2").authorize_security_group_ingress(IpProtocol="tcp", FromPort=22, ToPort=22, CidrIp=A + "/0")',
    "permissions": 'boto3.client("ec2").authorize_security_group_ingress(IpPermissions=[{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}])',
    "construct": "from aws_cdk import aws_ec2 as ec2\nsg.add_ingress_rule(ec2.Peer.any_ipv4(), ec2.Port.tcp(22))",
    "construct keywords": "from aws_cdk import aws_ec2 as ec2\nsg.add_ingress_rule(peer=ec2.Peer.any_ipv6(), connection=ec2.Port.tcp_range(1, 100))",
    "connections": "from aws_cdk import aws_ec2 as ec2\nhost.connections.allow_from_any_ipv4(ec2.Port.SSH)",
}


@pytest.mark.parametrize("name", RECEIVERS)
def test_open_ports(name):
    text = "import boto3\n" + RECEIVERS[name] + "\n"
    last = text.rstrip("\n").count("\n") + (0 if name == "expanded" else 1)  # a dictionary: where it is written
    assert lines(SSH, {"deploy.py": text}) == [("deploy.py", last)]


@pytest.mark.parametrize("text", [
    'boto3.client("ec2").describe_security_groups()',
    'boto3.client("ec2").authorize_security_group_ingress(IpProtocol="tcp", FromPort=22, ToPort=22, CidrIp="10.0.0.0/8")',
    "from aws_cdk import aws_ec2 as ec2\nsg.add_ingress_rule(ec2.Peer.ipv4('10.0.0.0/8'), ec2.Port.tcp(22))",
])
def test_no_open_ports(text):
    assert "NON_COMPLIANT" not in verdicts(SSH, {"deploy.py": "import boto3\n" + text})


def test_two_assignments_are_not_guessed():
    text = 'import boto3\ncidr = "10.0.0.0/8"\nif x:\n    cidr = "0.0.0.0/0"\nboto3.client("ec2").authorize_security_group_ingress(IpProtocol="tcp", FromPort=22, ToPort=22, CidrIp=cidr)\n'
    assert verdicts(SSH, {"deploy.py": text}) == {"INSUFFICIENT_DATA"}


def test_columns_count_characters():
    text = 'import boto3\nx = "é"; boto3.client("ec2").authorize_security_group_ingress(IpProtocol="-1", CidrIp="0.0.0.0/0")\n'
    workspace, _ = workspace_of({"deploy.py": text})
    exposure = workspace.inventory.of_kind("Exposure")[0]
    line = text.split("\n")[1]
    assert line[exposure.at.start_column - 1 : exposure.at.end_column - 1] == '"0.0.0.0/0"'


def test_a_policy_in_a_dictionary_and_in_a_text():
    text = '''import boto3, json
doc = {"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Action": "*", "Resource": "*"}]}
boto3.client("iam").put_role_policy(RoleName="r", PolicyName="p", PolicyDocument=json.dumps(doc))
boto3.client("iam").create_policy(PolicyName="p", PolicyDocument="""
{"Version": "2012-10-17", "Statement": [
  {"Effect": "Allow", "Action": "*", "Resource": "*"}]}
""")
'''
    assert lines("iam-policy-administrator", {"deploy.py": text}) == [("deploy.py", 3), ("deploy.py", 7)]


def test_a_construct_statement_and_a_managed_policy():
    text = '''from aws_cdk import aws_iam as iam
role.add_to_policy(iam.PolicyStatement(
    actions=["iam:*"], resources=["*"]))
role.add_managed_policy(iam.ManagedPolicy.from_aws_managed_policy_name("AdministratorAccess"))
'''
    assert lines("iam-policy-full-iam-access", {"s.py": text}) == [("s.py", 3)]
    assert lines("identity-holds-administrator-policy", {"s.py": text}) == [("s.py", 4)]


@pytest.mark.parametrize("data", [b"import boto3\nprint 'x'\n", b"import boto3\n\x00", b"import boto3\n" + b"(" * 5000, b"\xff\xfeboto3"])
def test_broken_modules_become_notifications(data):
    workspace, _ = workspace_of({"old.py": data})
    assert not workspace.inventory.of_kind("ApiCall")
    assert {note.level for note in workspace.notifications} <= {"warning", "note"}
