"""Every way we know to write "SSH is open to the world", and the ways that only look like it."""

import json

import pytest
from access_making import lines, verdicts

RULE = "security-group-open-to-world-on-ssh"
WORLD = "0.0.0.0/0"


def group(ingress):
    return json.dumps({"Resources": {"G": {
        "Type": "AWS::EC2::SecurityGroup", "Properties": {"GroupDescription": "g", "SecurityGroupIngress": ingress}}}})


def rule(**changes):
    stated = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "CidrIp": WORLD}
    return {key: value for key, value in {**stated, **changes}.items() if value is not None}


OPEN = {
    "exact": [rule()], "single object": rule(), "string ports": [rule(FromPort="22", ToPort="22")],
    "range": [rule(FromPort=20, ToPort=25)], "every port": [rule(FromPort=0, ToPort=65535)],
    "protocol -1 text": [rule(IpProtocol="-1", FromPort=None, ToPort=None)],
    "protocol -1 number": [rule(IpProtocol=-1, FromPort=None, ToPort=None)],
    "protocol -1 with other ports": [rule(IpProtocol="-1", FromPort=80, ToPort=80)],
    "protocol all": [rule(IpProtocol="all", FromPort=None, ToPort=None)], "protocol 6": [rule(IpProtocol="6")],
    "protocol upper case": [rule(IpProtocol="TCP")], "ports -1": [rule(FromPort=-1, ToPort=-1)],
    "ports left out": [rule(FromPort=None, ToPort=None)],
    "IPv6": [rule(CidrIp=None, CidrIpv6="::/0")],
    "IPv6 long": [rule(CidrIp=None, CidrIpv6="0000:0000:0000:0000:0000:0000:0000:0000/0")],
    "IPv6 half long": [rule(CidrIp=None, CidrIpv6="0:0:0:0:0:0:0:0/0")],
    "host bits set": [rule(CidrIp="10.1.2.3/0")], "half of the world": [rule(CidrIp="128.0.0.0/1")],
    "second rule": [rule(CidrIp="10.0.0.0/8"), rule()],
    "with a description": [rule(Description="ssh for all")],
    "if on the value": [rule(CidrIp={"Fn::If": ["C", "10.0.0.0/8", WORLD]})],
    "if on the rule": [{"Fn::If": ["C", rule(), {"Ref": "AWS::NoValue"}]}],
    "if on the list": {"Fn::If": ["C", [rule()], []]},
    "join": [rule(CidrIp={"Fn::Join": ["/", ["0.0.0.0", "0"]]})],
}
CLOSED = {
    "narrow source": [rule(CidrIp="203.0.113.7/32")], "another port": [rule(FromPort=443, ToPort=443)],
    "range beside it": [rule(FromPort=23, ToPort=65535)], "udp": [rule(IpProtocol="udp")],
    "icmp": [rule(IpProtocol="icmp", FromPort=-1, ToPort=-1)],
    "security group": [rule(CidrIp=None, SourceSecurityGroupId="sg-1")],
    "reference to a group": [rule(CidrIp=None, SourceSecurityGroupId={"Fn::GetAtt": ["H", "GroupId"]})],
    "private IPv6": [rule(CidrIp=None, CidrIpv6="fc00::/7")],
}


def with_conditions(text):
    document = json.loads(text)
    document["Parameters"] = {"P": {"Type": "String"}}
    document["Conditions"] = {"C": {"Fn::Equals": [{"Ref": "P"}, "x"]}}
    return json.dumps(document)


@pytest.mark.parametrize("name", OPEN)
def test_open(name):
    assert "NON_COMPLIANT" in verdicts(RULE, {"t.json": with_conditions(group(OPEN[name]))})


@pytest.mark.parametrize("name", CLOSED)
def test_closed(name):
    assert verdicts(RULE, {"t.json": group(CLOSED[name])}) <= {"COMPLIANT", "NOT_APPLICABLE"}


@pytest.mark.parametrize("change", [
    {"CidrIp": {"Ref": "P"}}, {"CidrIp": None, "SourcePrefixListId": "pl-1"}, {"FromPort": {"Ref": "P"}}, {"IpProtocol": {"Ref": "P"}},
])
def test_not_known(change):
    assert verdicts(RULE, {"t.json": with_conditions(group([rule(**change)]))}) == {"INSUFFICIENT_DATA"}


def test_a_whole_list_that_is_not_known_is_not_passed_over():
    assert verdicts(RULE, {"t.json": with_conditions(group({"Ref": "P"}))}) == {"INSUFFICIENT_DATA"}


def test_standalone_rule_and_place():
    text = """Resources:
  R:
    Type: AWS::EC2::SecurityGroupIngress
    Properties:
      GroupId: sg-1
      IpProtocol: tcp
      FromPort: 22
      ToPort: 22
      CidrIp: 0.0.0.0/0
"""
    assert lines(RULE, {"t.yaml": text}) == [("t.yaml", 9)]


def test_egress_is_another_matter():
    text = json.dumps({"Resources": {"G": {"Type": "AWS::EC2::SecurityGroup", "Properties": {"SecurityGroupEgress": [rule()]}}}})
    assert verdicts(RULE, {"t.json": text}) == {"NOT_APPLICABLE"}


def test_a_prefix_list_of_the_run_is_opened():
    text = json.dumps({"Resources": {
        "L": {"Type": "AWS::EC2::PrefixList", "Properties": {"Entries": [{"Cidr": WORLD}]}},
        "R": {"Type": "AWS::EC2::SecurityGroupIngress", "Properties": rule(CidrIp=None, SourcePrefixListId={"Ref": "L"})},
    }})
    assert verdicts(RULE, {"t.json": text}) == {"NON_COMPLIANT"}


COMMANDS = {
    "flat": "aws ec2 authorize-security-group-ingress --group-id sg-1 --protocol tcp --port 22 --cidr 0.0.0.0/0",
    "range": "aws ec2 authorize-security-group-ingress --group-id sg-1 --protocol tcp --port 20-30 --cidr 0.0.0.0/0",
    "all": "aws ec2 authorize-security-group-ingress --group-id sg-1 --protocol all --cidr 0.0.0.0/0",
    "globals first": "aws --region eu-west-1 --output json ec2 authorize-security-group-ingress --protocol tcp --port 22 --cidr 0.0.0.0/0",
    "equals": "aws ec2 authorize-security-group-ingress --group-id=sg-1 --protocol=tcp --port=22 --cidr=0.0.0.0/0",
    "shorthand": "aws ec2 authorize-security-group-ingress --ip-permissions IpProtocol=tcp,FromPort=22,ToPort=22,IpRanges=[{CidrIp=0.0.0.0/0}]",
    "shorthand quoted": "aws ec2 authorize-security-group-ingress --ip-permissions IpProtocol=tcp,FromPort=22,ToPort=22,Ipv6Ranges='[{CidrIpv6=::/0,Description=\"x, y\"}]'",
    "json": """aws ec2 authorize-security-group-ingress --ip-permissions '[{"IpProtocol":"-1","IpRanges":[{"CidrIp":"0.0.0.0/0"}]}]'""",
    "sudo": "sudo aws ec2 authorize-security-group-ingress --group-id $G --protocol tcp --port 22 --cidr 0.0.0.0/0",
}


@pytest.mark.parametrize("name", COMMANDS)
def test_commands(name):
    assert lines(RULE, {"open.sh": f"#!/bin/sh\nset -e\n{COMMANDS[name]}\n"}) == [("open.sh", 3)]


@pytest.mark.parametrize(("source", "verdict"), [
    ('"$MY_IP/32"', "COMPLIANT"), ('"$CIDR"', "INSUFFICIENT_DATA"), ("10.0.0.0/8", "COMPLIANT"),
])
def test_commands_with_variables(source, verdict):
    command = f"aws ec2 authorize-security-group-ingress --group-id sg-1 --protocol tcp --port 22 --cidr {source}"
    assert verdicts(RULE, {"open.sh": f"#!/bin/sh\n{command}\n"}) == {verdict}


def test_a_request_in_a_file():
    files = {
        "scripts/open.sh": "#!/bin/sh\naws ec2 authorize-security-group-ingress --cli-input-json file://request.json\n",
        "scripts/request.json": '{"GroupId": "sg-1",\n "IpPermissions": [{"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22,\n'
                                '  "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]}\n',
    }
    assert lines(RULE, files) == [("scripts/request.json", 3)]
