"""The table of actions: looked up lazily, ignoring case, and of the age it says."""

from scanner.facts.iam import FACTS, Facts


def test_an_action_ignoring_case():
    action = FACTS.service("S3").action("getobject")
    assert (action.full, action.level) == ("s3:GetObject", "R")
    assert "object" in action.resources
    assert "s3:existingobjecttag/<key>" in action.keys


def test_levels_and_limits():
    iam, s3 = FACTS.service("iam"), FACTS.service("s3")
    assert (iam.level("CreateUser"), iam.level("ListUsers"), s3.level("PutBucketPolicy")) == ("W", "L", "P")
    assert not s3.limitable("ListAllMyBuckets")


def test_global_keys():
    assert FACTS.global_key_type("AWS:SourceIp") == "IPAddress"
    assert FACTS.global_key_type("aws:PrincipalTag/team") == "String"
    assert FACTS.global_key_type("aws:NoSuchKey") is None


def test_only_the_asked_service_is_decoded():
    from scanner.facts.iam import _path

    facts = Facts(_path())
    assert facts.service("sqs").spelling("sendmessage") == "SendMessage"
    assert list(facts._loaded) == ["sqs"]
    assert facts.service("no-such-service") is None


def test_the_table_says_its_source():
    assert "MIT" in FACTS.about()
    assert len(FACTS.service_names()) > 400
