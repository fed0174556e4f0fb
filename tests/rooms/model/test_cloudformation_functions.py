"""Every function, with known, unknown and conditional arguments: what it gives, and where that stands."""

import pytest
from cloudformation_making import cut, shown, stated

from scanner.core.projection import project
from scanner.core.value import Scalar, plain, walk
from scanner.core.world import World

HEAD = """
Parameters:
  Name: {Type: String, Default: web}
  Open: {Type: String}
  Env: {Type: String, AllowedValues: [dev, prod]}
  Three: {Type: String, AllowedValues: [a, b, c]}
  Password: {Type: String, NoEcho: true}
  Ports: {Type: CommaDelimitedList, Default: "22, 80"}
  Ami: {Type: "AWS::SSM::Parameter::Value<String>", Default: /aws/ami}
  Size: {Type: Number, Default: 3}
Mappings:
  Sizes: {dev: {count: 1, zones: [x, y]}, prod: {count: 2, zones: [z]}}
  Regions: {us-east-1: {ami: ami-1, same: s}, eu-west-1: {ami: ami-2, same: s}}
Conditions:
  Yes: !Equals [!Ref Name, web]
  No: !Not [!Condition Yes]
  IsProd: !Equals [!Ref Env, prod]
  IsA: !Equals [!Ref Three, a]
  IsB: !Equals [!Ref Three, b]
  HasOpen: !Not [!Equals [!Ref Open, ""]]
  East: !Equals [!Ref "AWS::Region", us-east-1]
  Imported: !Equals [!ImportValue x, y]
Resources:
  Bucket: {Type: AWS::S3::Bucket}
  R:
    Type: Custom::T
    Properties:
"""

CASES = [
    # id, expression, value
    ("ref known", "!Ref Name", "'web'"),
    ("ref long form", '{"Ref": Name}', "'web'"),
    ("ref number", "!Ref Size", "3"),
    ("ref list", "!Ref Ports", "['22', '80']"),
    ("ref unknown", "!Ref Open", "?Open"),
    ("ref hidden", "!Ref Password", "?Password secret"),
    ("ref stored", "!Ref Ami", "?Ami"),
    ("ref allowed values", "!Ref Env", "<Env is \"dev\": 'dev' | 'prod'>"),
    ("ref resource", "!Ref Bucket", "?Bucket ->Bucket.Ref"),
    ("ref undeclared", "!Ref Nothing", "?Nothing ->Nothing.Ref"),
    ("pseudo unknown", "!Ref AWS::Region", "?AWS::Region"),
    ("pseudo partition", "!Ref AWS::Partition", "'aws'"),
    ("pseudo nothing", "!Ref AWS::NoValue", "absent"),
    ("attribute text", "!GetAtt Bucket.Arn", "?Bucket.Arn ->Bucket.Arn"),
    ("attribute list", "{'Fn::GetAtt': [Bucket, Arn]}", "?Bucket.Arn ->Bucket.Arn"),
    ("attribute nested", "!GetAtt Bucket.Endpoint.Port", "?Bucket.Endpoint.Port ->Bucket.Endpoint.Port"),
    ("attribute of nothing", "!GetAtt Gone.Arn", "?Gone.Arn ->Gone.Arn"),
    ("sub known", "!Sub 'a-${Name}-b'", "'a-web-b'"),
    ("sub literal", "!Sub '${!Name}-${Name}'", "'${Name}-web'"),
    ("sub only literal", "!Sub '${!Name}'", "'${Name}'"),
    ("sub unknown", "!Sub 'a-${Open}'", "?('a-' + ?Open)"),
    ("sub attribute", "!Sub '${Bucket.Arn}/*'", "?(?Bucket.Arn ->Bucket.Arn + '/*')"),
    ("sub one unknown alone", "!Sub '${Bucket}'", "?Bucket ->Bucket.Ref"),
    ("sub with names", "!Sub ['${X}-${Name}', {X: !Join [':', [a, b]]}]", "'a:b-web'"),
    ("sub conditional", "!Sub 'x-${Env}'", "<Env is \"dev\": 'x-dev' | 'x-prod'>"),
    ("sub number", "!Sub '${Size}0'", "'30'"),
    ("sub empty", "!Sub ''", "''"),
    ("join known", "!Join ['-', [a, !Ref Name, 1, true]]", "'a-web-1-true'"),
    ("join list parameter", "!Join ['/', !Ref Ports]", "'22/80'"),
    ("join unknown item", "!Join ['', ['arn:', !Ref 'AWS::Partition', ':', !Ref Open]]", "?('arn:aws:' + ?Open)"),
    ("join unknown list", "!Join [',', !GetAZs '']", "?availability zones are known at deployment"),
    ("join drops nothing", "!Join ['-', [a, !Ref 'AWS::NoValue', b]]", "'a-b'"),
    ("join conditional item", "!Join ['-', [a, !If [IsProd, b, !Ref 'AWS::NoValue']]]",
     "<Env is \"prod\": 'a-b' | 'a'>"),
    ("split", "!Split [',', 'a,b']", "['a', 'b']"),
    ("split unknown", "!Split [',', !Ref Open]", "?parameter Open has no default"),
    ("split partly known", "!Split [':', !Sub 'arn:aws:${Open}']", "['arn', 'aws', ...]"),
    ("select", "!Select [1, [a, b]]", "'b'"),
    ("select text index", "!Select ['0', !Split ['.', 'x.y']]", "'x'"),
    ("select before a gap", "!Select [1, !Split [':', !Sub 'arn:aws:${Open}']]", "'aws'"),
    ("select after a gap", "!Select [2, !Split [':', !Sub 'arn:aws:${Open}']]", "?parameter Open has no default"),
    ("select beyond", "!Select [5, [a]]", "?Fn::Select asks for an item that the list does not have"),
    ("select conditional", "!Select [0, !If [IsProd, [a], [b]]]", "<Env is \"prod\": 'a' | 'b'>"),
    ("map", "!FindInMap [Sizes, dev, count]", "1"),
    ("map list", "!FindInMap [Sizes, dev, zones]", "['x', 'y']"),
    ("map by parameter", "!FindInMap [Sizes, !Ref Env, count]", "<Env is \"dev\": 1 | 2>"),
    ("map by region", "!FindInMap [Regions, !Ref 'AWS::Region', ami]",
     "<AWS::Region is \"us-east-1\": 'ami-1' | 'ami-2'>"),
    ("map by region, all equal", "!FindInMap [Regions, !Ref 'AWS::Region', same]", "'s'"),
    ("map default", "!FindInMap [Sizes, other, count, {DefaultValue: 9}]", "9"),
    ("map unknown key with default", "!FindInMap [Sizes, !Ref Open, count, {DefaultValue: 9}]",
     "<Open is \"dev\": 1 | <Open is \"prod\": 2 | 9>>"),
    ("map missing", "!FindInMap [Sizes, other, count]", "?the map Sizes has no key other"),
    ("if decided", "!If [Yes, a, b]", "'a'"),
    ("if decided by not", "!If [No, a, b]", "'b'"),
    ("if open", "!If [IsProd, a, b]", "<Env is \"prod\": 'a' | 'b'>"),
    ("if nothing", "!If [IsProd, a, !Ref 'AWS::NoValue']", "<Env is \"prod\": 'a' | absent>"),
    ("if inline condition", "!If [!Equals [!Ref Env, dev], a, b]", "<Env is \"dev\": 'a' | 'b'>"),
    ("if parameter without default", "!If [HasOpen, a, b]", "<Open is \"\": 'b' | 'a'>"),
    ("if region", "!If [East, a, b]", "<AWS::Region is \"us-east-1\": 'a' | 'b'>"),
    ("if import", "!If [Imported, a, b]", "<Fn::ImportValue x is \"y\": 'a' | 'b'>"),
    ("if impossible", "!If [!Equals [!Ref Env, other], a, b]", "'b'"),
    ("if and", "!If [!And [!Condition Yes, !Condition IsProd], a, b]", "<Env is \"prod\": 'a' | 'b'>"),
    ("if or", "!If [!Or [!Condition IsA, !Condition IsB], x, y]",
     "<Three is \"a\": 'x' | <Three is \"b\": 'x' | 'y'>>"),
    ("import", "!ImportValue other-vpc", "?Fn::ImportValue other-vpc"),
    ("import computed", "!ImportValue {'Fn::Sub': '${Open}-vpc'}", "?Fn::ImportValue another stack's export"),
    ("base64", "!Base64 'echo hi'", "'echo hi'"),
    ("base64 of sub", "{'Fn::Base64': !Sub 'echo ${Name}'}", "'echo web'"),
    ("zones", "!GetAZs ''", "?Fn::GetAZs"),
    ("cidr", "!Cidr [10.0.0.0/16, 2, 8]", "['10.0.0.0/24', '10.0.1.0/24']"),
    ("cidr ipv6", "!Cidr ['2001:db8::/56', 2, 64]", "['2001:db8::/64', '2001:db8:0:1::/64']"),
    ("cidr unknown", "!Cidr [!Ref Open, 2, 8]", "?an argument of Fn::Cidr is not known"),
    ("length", "{'Fn::Length': !Ref Ports}", "2"),
    ("length unknown", "{'Fn::Length': !GetAZs ''}", "?the length of the list is not known"),
    ("json", "{'Fn::ToJsonString': {a: !Ref Name}}", "{a: 'web'}"),
    ("json inside a text", "!Sub ['x${J}', {J: {'Fn::ToJsonString': {a: [1, true]}}}]", "'x{\"a\":[1,true]}'"),
    ("macro", "{'Fn::Transform': {Name: Mine}}", "?Mine fills this in at deployment"),
    ("include elsewhere", "{'Fn::Transform': {Name: 'AWS::Include', Parameters: {Location: 's3://b/k'}}}",
     "?the fragment s3://b/k is not part of the run"),
    ("secret", "'{{resolve:secretsmanager:db:SecretString:password}}'",
     "?{{resolve:secretsmanager:db:SecretString:password}} secret"),
    ("plain stored value", "'{{resolve:ssm:/plain}}'", "?{{resolve:ssm:/plain}}"),
    ("secret inside a text", "!Sub 'pw={{resolve:ssm-secure:${Name}}};'",
     "?('pw=' + ?{{resolve:ssm-secure:web}} secret + ';')"),
    ("secret by unknown name", "!Sub '{{resolve:secretsmanager:${Open}}}'", "?{{resolve:secretsmanager:*}} secret"),
    ("unknown function", "!Nonsense x", "?Fn::Nonsense is not a known function"),
    ("wrong shape", "!Join x", "?Fn::Join has a wrong argument"),
    ("list drops nothing", "[a, !Ref 'AWS::NoValue']", "['a']"),
    ("map drops nothing", "{a: 1, b: !Ref 'AWS::NoValue'}", "{a: 1}"),
    ("types", "[true, '22', 22, yes, 010, 3.10, ~]", "[True, '22', 22, True, '010', '3.10', None]"),
]


def value_of(expression):
    workspace = stated(f"{HEAD}      V: {expression}\n")
    return workspace.inventory.find("t.yaml", "R").get("V"), workspace


@pytest.mark.parametrize(("expression", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_functions(expression, expected):
    assert shown(value_of(expression)[0]) == expected


@pytest.mark.parametrize(("expression", "expected"), [
    ("!Sub 'a-${Name}-b'", [("a", "a"), ("w", "$"), ("-", "-"), ("b", "b")]),
    ("!Join ['-', [one, two]]", [("o", "o"), ("t", "t")]),
    ("!Select [1, !Split [',', 'xx,yy']]", [("y", "y")]),
    ("!Base64 'echo hi'", [("e", "e"), ("h", "h")]),
], ids=["sub", "join", "split", "base64"])
def test_characters_of_composed_texts_know_their_place(expression, expected):
    value, _ = value_of(expression)
    line = f"      V: {expression}"
    for character, source in expected:
        _, row, column = value.text_map.position(value.content.rindex(character))
        assert (HEAD + line).split("\n")[row - 1][column - 1] == source


def test_partly_known_texts_map_their_rendering():
    value, _ = value_of("!Sub 'a-${Open}-tail'")
    offset = value.rendering.index("tail")
    _, _, column = value.text_map.position(offset)
    assert ("      V: !Sub 'a-${Open}-tail'")[column - 1:column + 3] == "tail"


def test_values_stand_where_they_are_used():
    text = f"{HEAD}      V: [!Ref Name, !If [Yes, left, right], !GetAtt Bucket.Arn]\n"
    items = stated(text).inventory.find("t.yaml", "R").get("V").items
    assert [cut(text, item.at) for item in items] == ["Name", "left", "Bucket.Arn"]


def test_conditions_are_consistent_in_every_world():
    value, _ = value_of("[!If [IsA, a, n], !If [IsB, b, n], !Ref Three, !If [!Not [!Condition IsA], n, a]]")
    seen = set()
    stack = [World()]
    questions = {}
    for _, inner in walk(value):
        if inner.conditional and hasattr(inner, "question"):
            questions[inner.question] = True
    while stack:
        world = stack.pop()
        still_open = [question for question in questions if world.decide(question) is None]
        if still_open:
            stack += [known for holds in (True, False) if (known := world.assume(still_open[0], holds))]
        else:
            seen.add(tuple(plain(project(value, world))))
    assert seen == {("a", "n", "a", "a"), ("n", "b", "b", "n"), ("n", "n", "c", "n")}


def test_too_many_combinations_are_unknown_and_say_so():
    names = [f"P{n}" for n in range(8)]
    text = "Parameters:\n" + "".join(f"  {name}: {{Type: String, AllowedValues: [x, y]}}\n" for name in names)
    text += "Resources:\n  R:\n    Type: Custom::T\n    Properties:\n      V: !Sub '" + "".join(
        f"${{{name}}}" for name in names) + "'\n"
    assert "more than 64 combinations" in stated(text).inventory.find("t.yaml", "R").get("V").reason


@pytest.mark.parametrize(("expression", "kind", "line_text"), [
    ("!Ref Nothing", "cfn-unknown-reference", "Nothing"),
    ("!Nonsense x", "cfn-unknown-function", "x"),
    ("!Join x", "cfn-function-shape", "x"),
    ("!If [Gone, a, b]", "cfn-unknown-condition", "Gone"),
    ("!FindInMap [Gone, a, b]", "cfn-unknown-map", "!FindInMap [Gone, a, b]"),
    ("!Select [5, [a]]", "cfn-select-range", "!Select [5, [a]]"),
    ("{a: 1, a: 2}", "duplicate-key", "a"),
], ids=lambda value: value if value.startswith("cfn") else "")
def test_what_is_wrong_is_noted_in_its_place(expression, kind, line_text):
    _, workspace = value_of(expression)
    notes = [note for note in workspace.notifications if note.kind == kind]
    assert [cut(f"{HEAD}      V: {expression}\n", note.at) for note in notes] == [line_text]
    assert all(note.hint for note in notes)


def test_a_scalar_default_keeps_its_own_text_map():
    text = "Parameters:\n  P: {Type: String, Default: secret-value}\nResources:\n  R:\n    Type: Custom::T\n" \
           "    Properties: {V: !Ref P}\n"
    value = stated(text).inventory.find("t.yaml", "R").get("V")
    assert isinstance(value, Scalar)
    assert cut(text, value.at) == "P"
    assert cut(text, value.span(0, 6)) == "secret"
